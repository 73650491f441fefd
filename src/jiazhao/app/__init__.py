"""The composition root: every service, every route and every dependency."""

from jiazhao.app.house import House, build, read_table_files, read_tables
from jiazhao.app.origins import APPLICATIONS, console_app, terminal_app, wallet_app
from jiazhao.app.pages import ASKED_FOR, READS_CODES, WEB, assets

__all__ = [
    "APPLICATIONS",
    "ASKED_FOR",
    "READS_CODES",
    "WEB",
    "House",
    "assets",
    "build",
    "console_app",
    "read_table_files",
    "read_tables",
    "terminal_app",
    "wallet_app",
]
