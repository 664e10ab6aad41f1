"""Who proposes rows from an article: the lexicon, a language model, or whatever somebody has installed."""
