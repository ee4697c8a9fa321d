"""Has a running LibreOffice open and write files, with passwords, which its command line cannot.

office-suite.py PIPE, then a JSON list of {source, password?, target, filter, newPassword?} on
standard input. Ends the suite.
"""
import json
import sys
import time

import uno
from com.sun.star.beans import NamedValue, PropertyValue
from com.sun.star.connection import NoConnectException


def setting(name, value):
    return PropertyValue(name, 0, value, 0)


def connect(pipe):
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext(
        "com.sun.star.bridge.UnoUrlResolver", local
    )
    for _ in range(600):
        try:
            context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            return context.ServiceManager.createInstanceWithContext(
                "com.sun.star.frame.Desktop", context
            )
        except NoConnectException:
            time.sleep(0.1)
    sys.exit("the office suite does not answer")


def lock(password):
    values = (
        NamedValue("CryptoType", "StrongEncryptionDataSpace"),
        NamedValue("OOXPassword", password),
    )
    return setting("EncryptionData", uno.Any("[]com.sun.star.beans.NamedValue", values))


desktop = connect(sys.argv[1])
for job in json.load(sys.stdin):
    how = [setting("Hidden", True)]
    if "password" in job:
        how.append(setting("Password", job["password"]))
    document = desktop.loadComponentFromURL("file://" + job["source"], "_blank", 0, tuple(how))
    if document is None:
        sys.exit("does not open: " + job["source"])
    how = [setting("FilterName", job["filter"])]
    if "newPassword" in job:
        how.append(lock(job["newPassword"]))
    document.storeToURL("file://" + job["target"], tuple(how))
    document.close(True)
desktop.terminate()
