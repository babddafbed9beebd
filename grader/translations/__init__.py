"""Other languages: what is said in English, the catalogues of its translations, and texts made from them."""
