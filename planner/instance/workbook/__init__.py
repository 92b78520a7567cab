"""An instance as an Excel workbook.

Reading: the cells are read in a process of their own (`xlsx`), each becomes the text that its column wants (`cells`),
and the sheets become the same text rows as CSV gives (`sheets`, `parts`); problems name sheet and cell (`places`).
`columns` says what each column means; `unfolding` turns a document into rows of sheets, for writing.
"""
