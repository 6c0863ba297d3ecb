"""Words for Bluetooth: pairing, bonds, the name, and what becomes of a session when the link is lost."""

from peristal.commands.rights import ALWAYS, ANYONE, AT_REST, LOCAL, OWNER, whole_number

POLICIES = "finish|soften|stop"


def _needs_radio(do):
    def command(app, words):
        if app.radio is None:
            return "error: radio: there is none"
        answer = do(app.radio, words)
        return answer if answer.startswith("ok") else "error: " + answer

    return command


def _radio(radio, words):
    return "ok name=%s links=%d paired=%d window_s=%d link=%s lost=%d failures=%d" % (
        radio.name, radio.links.count(), len(radio.bonds), radio.window.left_ms // 1000, radio.on_loss,
        radio.links.lost, radio.stack.failures,
    )  # fmt: skip


def _pair(radio, words):
    return radio.pair(True) or "ok window_s=%d" % (radio.window.left_ms // 1000)


def _bonds(radio, words):
    return "ok paired=%d %s" % (len(radio.bonds), " ".join(radio.bonds.names()))


def _unpair(radio, words):
    number = 0 if words[0] == "all" else whole_number(words[0])
    if number != words[0] and (number or words[0] == "all"):
        return radio.unpair(number) or "ok paired=%d" % len(radio.bonds)
    return "unpair: %r is not allowed; allowed: 1 to %d, all" % (words[0], len(radio.bonds))


def _set_name(radio, words):
    return radio.rename(" ".join(words)) or "ok name=" + radio.name


def _set_link(radio, words):
    if words[0] not in POLICIES.split("|"):
        return "link: %r is not allowed; allowed: %s" % (words[0], POLICIES)
    radio.on_loss = words[0]
    radio.changed = True
    return "ok link=" + radio.on_loss


COMMANDS = (
    ("radio", "", "name, links, paired devices, lost writes", ALWAYS, ANYONE, _needs_radio(_radio)),
    ("pair", "", "opens the pairing window for a minute, with a passkey", AT_REST, LOCAL, _needs_radio(_pair)),
    ("bonds", "", "the paired devices", ALWAYS, OWNER, _needs_radio(_bonds)),
    ("unpair", "NUMBER|all", "forgets a paired device", AT_REST, OWNER, _needs_radio(_unpair)),
    ("set name", "NAME [NAME] [NAME] [NAME]", "what phones call it, up to 28 characters", AT_REST, OWNER, _needs_radio(_set_name)),
    ("set link", POLICIES, "what a session does when the link is lost", ALWAYS, OWNER, _needs_radio(_set_link)),
)
