"""Who issues the tokens we accept: an OpenID provider, or the development issuer."""

from grantline.issuer.base import Endpoints, TokenIssuer
from grantline.issuer.development import DEVELOPMENT_ISSUER, DevelopmentIssuer
from grantline.issuer.provider import OpenIdProvider

__all__ = ["DEVELOPMENT_ISSUER", "DevelopmentIssuer", "Endpoints", "OpenIdProvider", "TokenIssuer"]
