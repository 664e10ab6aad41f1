"""The grammar of a sentence: a parsed tree, what it says about truth and time, and who does what to whom."""
