"""A certified OpenID provider, run by the Node.js of the requirements; none on the machine is needed."""
