"""The record: tables, transactions, and one file of questions per noun.

Every function takes the open `Transaction` first. Reads return values of
`grantline.model`; nothing in here decides who may do what.
"""
