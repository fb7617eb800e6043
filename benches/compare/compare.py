#!/usr/bin/env python3
"""compare.py [OUT.md]: one made-up session exported by lifeboat and by other exporters, and what became of each part of it.

Needs the lifeboat binary (LIFEBOAT, else target/release or target/debug). The others are used where they are found, and
named as left out where they are not: `claude-code-log`, `claude-code-transcripts` (both from PyPI), and for SpecStory either
`specstory` or a command in SPECSTORY_MARKDOWN that is given a folder of transcripts and a folder for its pages.
Every part of the session has a word of its own (`tok01x`, …), looked for in what each of them wrote.
"""
import base64, glob, html.parser, json, os, re, shutil, subprocess, sys, tempfile, zlib, struct

HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
CONVERSATION = "5a7d4a86-0000-4000-8000-0000000000aa"
TOKENS = {}

def tok(name):
    TOKENS.setdefault(name, "tok%02dx" % (len(TOKENS) + 1))
    return TOKENS[name]

def png():
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(b"\0\xff\0\0\0\xff\0" * 2)) + chunk(b"IEND", b"")

class Session:
    def __init__(self): self.lines, self.n, self.last = [], 0, None
    def put(self, line): self.lines.append(line if isinstance(line, str) else json.dumps(line))
    def record(self, kind, message, parent="last", **more):
        self.n += 1
        uuid = "00000000-0000-4000-8000-%012d" % self.n
        self.put({"parentUuid": self.last if parent == "last" else parent, "isSidechain": False, "userType": "external", "cwd": "/home/x/p", "sessionId": CONVERSATION, "version": "2.1.329",
                  "gitBranch": "main", "type": kind, "message": message, "uuid": uuid, "timestamp": "2026-10-02T09:%02d:%02d.000Z" % (self.n // 60, self.n % 60), **more})
        self.last = uuid
        return uuid
    def user(self, content, **more): return self.record("user", {"role": "user", "content": content}, **more)
    def claude(self, block, message=None, **more):
        return self.record("assistant", {"id": message or "msg_%d" % self.n, "type": "message", "role": "assistant", "model": "claude-sonnet-4-5", "content": [block],
                           "stop_reason": None, "usage": {"input_tokens": 3, "output_tokens": 5}}, requestId="req_%d" % self.n, **more)
    def tool(self, name, given, answer, **more):
        call = "toolu_%d" % self.n
        self.claude({"type": "tool_use", "id": call, "name": name, "input": given})
        return self.user([{"type": "tool_result", "tool_use_id": call, "content": answer}], **more)

def make(folder):
    """the session, and the files beside it"""
    s, text = Session(), lambda t: {"type": "text", "text": t}
    s.user("Start %s <b>bold</b> and <script>alert('%s')</script>" % (tok("user 1"), tok("html")))
    s.claude({"type": "thinking", "thinking": "Thoughts " + tok("thinking"), "signature": "x"}, "msg_a")
    s.claude(text("First part " + tok("assistant 1")), "msg_a")
    s.claude(text("Second part %s\n\n```\nnever closed" % tok("assistant 2")), "msg_a")
    s.user([{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": base64.b64encode(png()).decode()}}, text("See the picture " + tok("user 2"))])
    s.tool("Bash", {"command": "echo %s" % tok("tool call")}, "\x1b[31mred %s\x1b[0m\n```\n# Heading %s\n```\n~~~" % (tok("tool result"), tok("fence")))
    s.tool("Edit", {"file_path": "/home/x/p/a.md", "old_string": "old " + tok("edit, before"), "new_string": "new\n```\n" + tok("edit, after")}, "done")
    key = "gh" + "p_" + "".join(chr(97 + (7 * i) % 26) for i in range(36))
    TOKENS["secret"] = key
    s.user("The key is %s, keep it %s" % (key, tok("user 3")))
    out = os.path.join(folder, CONVERSATION, "tool-results", "abc.txt")
    os.makedirs(os.path.dirname(out))
    with open(out, "w") as f: f.write("line\n" * 9000 + tok("long output, middle") + "\n" + "line\n" * 9000)
    s.tool("Bash", {"command": "make"}, "<persisted-output>\nOutput too large (90KB). Full output saved to: %s\n\nPreview (first 2KB):\nline\nline\n</persisted-output>" % out)
    agent = "a1b2c3d4"
    call = s.claude({"type": "tool_use", "id": "toolu_agent", "name": "Agent", "input": {"description": "Count", "prompt": "Count words"}})
    s.user([{"type": "tool_result", "tool_use_id": "toolu_agent", "content": [text("Async agent launched successfully.")]}], toolUseResult={"isAsync": True, "status": "async_launched", "agentId": agent})
    os.makedirs(os.path.join(folder, CONVERSATION, "subagents"))
    child = Session()
    child.record("user", {"role": "user", "content": "Count words"}, isSidechain_=None)
    child.claude(text("The helper says " + tok("sub-agent")))
    with open(os.path.join(folder, CONVERSATION, "subagents", "agent-%s.jsonl" % agent), "w") as f:
        for line in child.lines:
            r = json.loads(line); r.pop("isSidechain_", None); r.update(isSidechain=True, agentId=agent, uuid="c" + r["uuid"][1:], parentUuid=r["parentUuid"] and "c" + r["parentUuid"][1:])
            f.write(json.dumps(r) + "\n")
    with open(os.path.join(folder, CONVERSATION, "subagents", "agent-%s.meta.json" % agent), "w") as f: json.dump({"agentType": "general", "description": "Count", "toolUseId": "toolu_agent"}, f)
    s.user("<task-notification>\n<task-id>%s</task-id>\n<result>%s</result>\n</task-notification>" % (agent, tok("injected: notice")), origin={"kind": "task-notification"})
    s.user("Base directory for this skill: /x/skills/y\n\n# A skill %s" % tok("injected: skill"))
    s.user("<system-reminder>Be kind %s</system-reminder>\nTyped after a reminder %s" % (tok("injected: reminder"), tok("user 4")))
    fork = s.claude(text("Here the way forks " + tok("assistant 3")))
    s.user("Wrong way " + tok("rewound prompt")); s.claude(text("Answer on it " + tok("rewound answer")))
    s.last = fork
    a = s.claude({"type": "tool_use", "id": "toolu_p1", "name": "Read", "input": {"file_path": "/a"}}, "msg_p")
    b = s.claude({"type": "tool_use", "id": "toolu_p2", "name": "Read", "input": {"file_path": "/b"}}, "msg_p")
    s.user([{"type": "tool_result", "tool_use_id": "toolu_p2", "content": "of b " + tok("parallel tool 2")}])
    s.last = a
    s.user([{"type": "tool_result", "tool_use_id": "toolu_p1", "content": "of a " + tok("parallel tool 1")}])
    s.claude(text("Both read " + tok("assistant 4")))
    s.put({"type": "queue-operation", "operation": "enqueue", "timestamp": "2026-10-02T09:03:00.000Z", "sessionId": CONVERSATION, "content": "Typed meanwhile, never taken " + tok("queued prompt")})
    s.record("attachment", None, attachment={"type": "queued_command", "prompt": "Typed meanwhile, taken " + tok("queued prompt, taken"), "commandMode": "prompt"})
    s.claude(text("Before the compaction " + tok("assistant 5")))
    again, before = s.lines[-1], s.last
    s.n += 1
    s.last = "00000000-0000-4000-8000-%012d" % s.n
    s.put({"type": "system", "subtype": "compact_boundary", "userType": "external", "gitBranch": "main", "content": "Conversation compacted", "uuid": s.last, "parentUuid": None, "logicalParentUuid": before, "isSidechain": False, "sessionId": CONVERSATION,
           "timestamp": "2026-10-02T09:04:00.000Z", "version": "2.1.329", "cwd": "/home/x/p", "compactMetadata": {"trigger": "auto", "preTokens": 900}})
    s.put(again)
    s.user("This session is being continued from a previous conversation that ran out of context. Summary %s." % tok("summary"), isCompactSummary=True)
    s.put('{"type":"user","uuid":"torn","message":{"content":"torn in the midd')
    s.user("After the bad one " + tok("user 5"))
    s.claude(text("## You · 09:14\n\nNo turn %s" % tok("assistant 6")))
    s.user("שלום مرحبا नमस्ते 日本語 👩‍👩‍👧 " + tok("user 6"))
    last = s.claude(text("The end " + tok("assistant 7")))
    with open(os.path.join(folder, CONVERSATION + ".jsonl"), "w") as f: f.write("".join(line + "\n" for line in s.lines))

# ---------------------------------------------------------------- the exporters: each gives its pages, or says why not

def run(*command, **more): return subprocess.run(command, capture_output=True, text=True, timeout=300, **more)

def pages_below(folder, *endings):
    return [f for f in sorted(glob.glob(folder + "/**/*", recursive=True)) if os.path.isfile(f) and f.endswith(endings)]

def lifeboat(store, out):
    binary = os.environ.get("LIFEBOAT") or next((b for b in (ROOT + "/target/release/lifeboat", ROOT + "/target/debug/lifeboat") if os.path.exists(b)), None)
    if not binary: return None, "no binary of lifeboat: cargo build --release"
    root, name = out + "/store", "local_" + CONVERSATION
    base = root + "/0f0e0d0c-0000-4000-8000-000000000001/0f0e0d0c-0000-4000-8000-000000000002/"
    shutil.copytree(store, base + name + "/.claude/projects/-p")
    os.makedirs(base + name + "/outputs")
    with open(base + name + ".json", "w") as f:
        json.dump(dict(sessionId=name, processName="x", cwd="/sessions/x", createdAt=1790000000000, lastActivityAt=1790000000000, title="Compared", cliSessionId=CONVERSATION, userSelectedFolders=[]), f)
    run(binary, "--root", root, "export", "--all", "--to", out + "/pages", env=dict(os.environ, HOME=out + "/home"))
    version = run(binary, "--version").stdout.split()[-1]
    return (version, out + "/pages", pages_below(out + "/pages", "transcript.md")), None

def claude_code_log(store, out):
    if not shutil.which("claude-code-log"): return None, "claude-code-log is not installed (PyPI)"
    shutil.copytree(store, out + "/p")
    os.makedirs(out + "/pages")
    run("claude-code-log", out + "/p/" + CONVERSATION + ".jsonl", "-f", "md", "-o", out + "/pages/x.md", "--no-cache", env=dict(os.environ, HOME=out))
    return (run("claude-code-log", "--version").stdout.split()[-1], out + "/pages", pages_below(out + "/pages", ".md")), None

def claude_code_transcripts(store, out):
    if not shutil.which("claude-code-transcripts"): return None, "claude-code-transcripts is not installed (PyPI)"
    run("claude-code-transcripts", "json", store + "/" + CONVERSATION + ".jsonl", "-o", out + "/pages", env=dict(os.environ, HOME=out))
    pages = [f for f in pages_below(out + "/pages", ".html") if os.path.basename(f).startswith("page-")]
    return (run("claude-code-transcripts", "--version").stdout.split()[-1], out + "/pages", pages), None

def specstory(store, out):
    command = os.environ.get("SPECSTORY_MARKDOWN")
    if command:
        os.makedirs(out + "/pages")
        run(*command.split(), store, out + "/pages")
        return (os.environ.get("SPECSTORY_VERSION", "of SPECSTORY_MARKDOWN"), out + "/pages", pages_below(out + "/pages", ".md")), None
    if not shutil.which("specstory"): return None, "specstory is not installed"
    project = out + "/home/x/p"
    os.makedirs(project)
    slug = re.sub("[^a-zA-Z0-9]", "-", os.path.realpath(project))
    shutil.copytree(store, out + "/home/.claude/projects/" + slug)
    run("specstory", "sync", "claude", "--no-cloud-sync", "--no-usage-analytics", cwd=project, env=dict(os.environ, HOME=out + "/home"))
    return (run("specstory", "version").stdout.strip(), project, pages_below(project + "/.specstory", ".md")), None

EXPORTERS = [("lifeboat", lifeboat), ("claude-code-log (md)", claude_code_log), ("claude-code-transcripts (html)", claude_code_transcripts), ("SpecStory (md)", specstory)]

# ---------------------------------------------------------------- looking

def swallowed(reader):
    """whether what the user said later stands in a code block"""
    return any(TOKENS["user 2"] in data or TOKENS["user 3"] in data for data in reader.code)

class Reader(html.parser.HTMLParser):
    """what of a page a browser would act on, show as code or show as a heading"""
    def __init__(self): super().__init__(); self.stack, self.active, self.heads, self.code = [], [], [], []
    def handle_starttag(self, tag, attrs): self.stack.append(tag); self.active.append((tag, dict(attrs)))
    def handle_endtag(self, tag):
        if tag in self.stack: del self.stack[len(self.stack) - 1 - self.stack[::-1].index(tag):]
    def handle_data(self, data):
        if any(t in ("h1", "h2", "h3", "h4", "h5", "h6") for t in self.stack): self.heads.append(data)
        if "pre" in self.stack: self.code.append(data)
        if "script" in self.stack: self.active.append(("script", {"text": data}))

def rendered(path):
    text = open(path, encoding="utf-8", errors="surrogateescape").read()
    if not path.endswith(".md"): return text, text
    import cmarkgfm
    from cmarkgfm.cmark import Options
    body = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.S)
    return text, cmarkgfm.cmark.markdown_to_html_with_extensions(body, options=Options.CMARK_OPT_UNSAFE, extensions=["table", "strikethrough", "autolink"])

# how each of them says who speaks, and which of that is the user
ROLES = {"lifeboat": (r"^## (?:You|Claude)\b.*", "You"), "claude-code-log": (r"^#{2,6} .*", "User"), "claude-code-transcripts": (r'class="message [a-z-]+', "message user"), "SpecStory": (r"^_\*\*(?:User|Agent).*", "User")}

def as_user(name, text, token):
    """whether what stands before a token says that the user speaks, and no fold hides it"""
    at = text.find(token)
    if at < 0: return None
    before = text[:at]
    if before.count("<details") > before.count("</details"): return False
    pattern, who = ROLES[name.split()[0]]
    marks = re.findall(pattern, before, re.M)
    return bool(marks) and who in marks[-1]

def look(name, version, folder, files):
    exporter = name
    both = [rendered(f) for f in files]
    text, shown = "\n".join(t for t, _ in both), "\n".join(r for _, r in both)
    sides = "\n".join(open(f, errors="replace").read() for f in glob.glob(folder + "/**/*", recursive=True) if os.path.isfile(f) and f not in files and f.endswith((".txt", ".md", ".log")))
    reader = Reader(); reader.feed(shown)
    titles = re.compile(r"^#{1,6} .*: \*.*\*$", re.M)          # claude-code-log names each turn by its first words
    body = titles.sub("", text)
    n = lambda name: body.count(TOKENS[name])
    def all_of(prefix):
        names = [name for name in TOKENS if re.fullmatch(prefix + r" \d", name)]
        lost, many = sum(n(x) == 0 for x in names), sum(n(x) > 1 for x in names)
        return "all %d, once each" % len(names) if not lost + many else ", ".join(filter(None, ["%d of %d" % (len(names) - lost, len(names)), many and "%d twice" % many]))
    there = lambda name: {0: "dropped", 1: "kept"}.get(n(name), "%d times" % n(name))
    image = base64.b64encode(png()).decode()
    files_of = [f for f in glob.glob(folder + "/**/*", recursive=True) if f.endswith(".png") and open(f, "rb").read() == png()]
    user = lambda name: {None: "dropped", True: "as the user's words", False: "kept apart"}[as_user(exporter, text, TOKENS[name])]
    return {
        "user texts": all_of("user"), "assistant texts": all_of("assistant"), "thinking": there("thinking"),
        "tool call / result": "%s / %s" % (there("tool call"), there("tool result")), "edit": "diff" if re.search(r"^-old " + TOKENS["edit, before"], text, re.M) else there("edit, before"),
        "parallel tools' results": "both" if n("parallel tool 1") and n("parallel tool 2") else "lost",
        "long output moved to a file": "whole" if n("long output, middle") else "whole, in a side file" if TOKENS["long output, middle"] in sides else "first lines only",
        "picture": "as a file" if files_of else "in the page" if image in text else "named" if re.search(r"image/png|\[image|attached|🖼", text, re.I) else "dropped",
        "sub-agent's answer": there("sub-agent") if not (n("sub-agent") == 0 and TOKENS["sub-agent"] in sides) else "in a side file",
        "rewound prompt / answer": "%s / %s%s" % (there("rewound prompt"), there("rewound answer"), ", marked" if re.search(r"was left|fork point|branch •|Branch|↩", text) else ", not marked" if n("rewound prompt") else ""),
        "prompt typed meanwhile: taken / never taken": "%s / %s" % (there("queued prompt, taken"), there("queued prompt")),
        "compaction summary": user("summary"), "skill body": user("injected: skill"), "reminder": user("injected: reminder"), "task notice": user("injected: notice"),
        "repeated record": "once" if n("assistant 5") == 1 else "%d times" % n("assistant 5"),
        "torn line": ("the rest is there" if n("user 5") and n("assistant 7") else "the rest is lost") + (", told" if re.search(r"could not be read|unparse|torn |invalid JSON", text) else ", not told"),
        "secret": "in the page" if n("secret") else "left out",
        "ANSI colours": "in the page" if "\x1b" in text else "stripped" if "[31m" not in text else "as rubbish",
        "raw HTML of the user": "acted on (script)" if any(t == "script" and TOKENS["html"] in a.get("text", "") for t, a in reader.active) else "shown as text" if TOKENS["html"] in shown else "dropped",
        "fence left open in a text": "swallows what follows" if swallowed(reader) else "harms nothing",
        "fence in a tool's output": "breaks out" if any(TOKENS["fence"] in h for h in reader.heads) else "stays inside" if TOKENS["fence"] in shown else "dropped",
        "a heading like a turn's in a text": "is one" if any(re.fullmatch(r"\s*You · 09:14\s*", h) for h in reader.heads) else "is text" if n("assistant 6") else "dropped",
        "says whether anything is missing": "yes" if re.search(r"^complete: (true|false)$", text, re.M) else "no",
    }

def main():
    with tempfile.TemporaryDirectory() as top:
        store = top + "/store"
        os.makedirs(store)
        make(store)
        columns, left_out = {}, []
        for name, exporter in EXPORTERS:
            out = top + "/" + re.sub(r"\W", "", name)
            os.makedirs(out)
            done, why = exporter(store, out)
            if done and not done[2]: done, why = None, "wrote no page"
            if done is None: left_out.append("%s: %s" % (name, why)); continue
            columns["%s %s" % (name, done[0])] = look(name, *done)
            if os.environ.get("KEEP"): shutil.copytree(out, os.environ["KEEP"] + "/" + os.path.basename(out), dirs_exist_ok=True)
    rows = list(next(iter(columns.values())))
    lines = ["| | " + " | ".join(columns) + " |", "|---|" + "---|" * len(columns)] + ["| %s | %s |" % (row, " | ".join(c[row] for c in columns.values())) for row in rows]
    for why in left_out: print("skipped:", why, file=sys.stderr)
    text = "\n".join(lines) + "\n"
    print(text)
    if len(sys.argv) > 1:
        with open(sys.argv[1]) as f: page = f.read()
        with open(sys.argv[1], "w") as f: f.write(re.sub(r"^\|.*\|\n(?:^\|.*\|\n)+", lambda _: text, page, count=1, flags=re.M))

if __name__ == "__main__": main()
