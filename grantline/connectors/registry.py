"""Every connector there is. A new one is a file here, a line below, and a case of tests/contracts/."""

from grantline.connectors.base import Connector
from grantline.connectors.groups import GroupConnector
from grantline.connectors.manual import ManualConnector
from grantline.connectors.scim import ScimConnector

KINDS: tuple[type[Connector], ...] = (GroupConnector, ManualConnector, ScimConnector)
