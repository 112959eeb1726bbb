"""What the pages for people share: text with mathematics as HTML, and one look (``style.css``)."""
