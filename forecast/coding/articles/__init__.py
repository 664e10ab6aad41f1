"""Articles as they are saved (text, Markdown, HTML, PDF) into plain text, a paragraph to a line."""
