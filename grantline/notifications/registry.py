"""Every notifier there is. A new one is a file here and a line below; which is used, bootstrap decides."""

from grantline.notifications.base import Notifier
from grantline.notifications.console import ConsoleNotifier
from grantline.notifications.smtp import SmtpNotifier

KINDS: tuple[type[Notifier], ...] = (ConsoleNotifier, SmtpNotifier)
