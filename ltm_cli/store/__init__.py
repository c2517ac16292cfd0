"""The store: one SQLite file, and the only SQL of the project.

Invariant: the texts in table `memories` are the truth. Everything else that is derived from them
(the search index, the vocabulary, the counts) is written in the same transaction, and
`derived.rebuild` makes it again from the texts.
"""
