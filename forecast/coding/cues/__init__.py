"""What words of an English text say about acts, actors, dates and how sure somebody is."""
