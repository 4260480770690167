"""A certificate authority on loopback, as little of RFC 8555 as certbot and lego want to see.

    with CA(lookup) as ca:                    # lookup(name): the TXT records there, as texts
        ... the program, with ca.url as its server
    ca.seen                                   # what the lookups of challenges brought

It takes every signature for good; but the record of a challenge must be there, and must be the one
that follows from the account's key (RFC 8555 8.4). Then it signs what it is asked to.
"""

import base64
import datetime
import hashlib
import http.server
import json
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from conftest import HOST

TOKEN = "a-token-of-nobodys-choice00x"
LATER = "2099-01-01T00:00:00Z"


def unpack(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def thumbprint(jwk):
    """RFC 7638: of the members that the key cannot be without, in order."""
    members = ("crv", "kty", "x", "y") if jwk["kty"] == "EC" else ("e", "kty", "n")
    text = json.dumps({name: jwk[name] for name in members}, separators=(",", ":"))
    return pack(hashlib.sha256(text.encode()).digest())


def pack(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def certify(subject, public_key, issuer_key, *extensions):
    now = datetime.datetime(2026, 1, 1)
    nobody = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "nobody")])
    builder = (x509.CertificateBuilder().subject_name(subject or nobody).issuer_name(nobody)
               .public_key(public_key).serial_number(x509.random_serial_number())
               .not_valid_before(now).not_valid_after(now + datetime.timedelta(days=36500)))
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    made = builder.sign(issuer_key, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM)


def sign(request):
    """The certificate that was asked for, and its issuer's, who is of the moment."""
    request = x509.load_der_x509_csr(request)
    names = request.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    key = ec.generate_private_key(ec.SECP256R1())
    return certify(request.subject, request.public_key(), key, names.value) + \
        certify(None, key.public_key(), key)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def reply(self, members, code=200, location=None, kind="application/json"):
        body = members if isinstance(members, bytes) else json.dumps(members).encode()
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Replay-Nonce", pack(self.path.encode()))
        self.send_header("Link", f'<{self.server.url}/authz>;rel="up"')  # 7.5.1, of a challenge
        if location:
            self.send_header("Location", self.server.url + location)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_GET(self):  # pylint: disable=invalid-name
        url = self.server.url
        self.reply({name: f"{url}/{name}" for name in ("newNonce", "newAccount", "newOrder",
                                                       "revokeCert", "keyChange")})

    do_HEAD = do_GET

    def do_POST(self):  # pylint: disable=invalid-name
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        head, body = json.loads(unpack(said["protected"])), unpack(said["payload"])
        body = json.loads(body) if body else {}
        self.server.asked.append(self.path)
        getattr(self, "post_" + self.path.split("/")[1])(head, body)

    # pylint: disable=missing-function-docstring
    def post_newAccount(self, head, _body):
        self.server.thumbprint = thumbprint(head["jwk"])
        self.reply({"status": "valid", "contact": []}, 201, "/account")

    def order(self):
        server = self.server
        ready = "valid" if server.signed else "ready" if server.good else "pending"
        return {"status": ready, "identifiers": server.identifiers, "expires": LATER,
                "authorizations": [server.url + "/authz"], "finalize": server.url + "/finalize",
                **({"certificate": server.url + "/certificate"} if server.signed else {})}

    def post_newOrder(self, _head, body):
        self.server.identifiers = body["identifiers"]
        self.server.good = self.server.signed = None
        self.reply(self.order(), 201, "/order")

    def post_order(self, _head, _body):
        self.reply(self.order(), location="/order")

    def status(self):
        return {None: "pending", True: "valid", False: "invalid"}[self.server.good]

    def challenge(self):
        error = {"error": {"type": "urn:ietf:params:acme:error:unauthorized",
                           "detail": "no such record"}} if self.server.good is False else {}
        return {"type": "dns-01", "url": self.server.url + "/challenge", "token": TOKEN,
                "status": self.status(), **error}

    def post_authz(self, _head, _body):
        self.reply({"status": self.status(), "identifier": self.server.identifiers[0],
                    "expires": LATER, "challenges": [self.challenge()]})

    def post_challenge(self, _head, _body):
        server = self.server
        seen = server.lookup("_acme-challenge." + server.identifiers[0]["value"])
        wanted = pack(hashlib.sha256(f"{TOKEN}.{server.thumbprint}".encode()).digest())
        server.seen.append(seen)
        server.good = wanted in seen
        self.reply(self.challenge())

    def post_finalize(self, _head, body):
        self.server.signed = sign(unpack(body["csr"]))
        self.reply(self.order(), location="/order")

    def post_certificate(self, _head, _body):
        self.reply(self.server.signed, kind="application/pem-certificate-chain")

    def log_message(self, format, *args):  # pylint: disable=redefined-builtin
        pass


class CA(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, lookup):
        super().__init__((HOST, 0), Handler)
        self.lookup, self.url = lookup, f"http://{HOST}:{self.server_port}"
        self.asked, self.seen, self.identifiers = [], [], []
        self.thumbprint = self.good = self.signed = None
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()
