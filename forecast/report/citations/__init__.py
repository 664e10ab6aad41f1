"""How a document carries where its numbers come from, and how that is read back: one file per format.

Beside the text of a cited number stands a mark with its citation and its place n in the order of reading, 1 for the
first. At the end stands the list of all citations: for readers, and for the program with a digest (`listing.Listing`).
"""
