"""What the holder is told of the licence, and what the holder says in return.

Notices are reckoned from the register each time (`rules/notices.py`); objections to a notice or
to a look, and reports of a refused licence, are kept until staff have dealt with them.
"""
