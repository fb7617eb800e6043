#!/usr/bin/env python3
"""speed.py [MB]: a transcript to a page, as whole processes in turn: lifeboat, then each of the other exporters, five times.

The transcript is the session of compare.py over and over, each time with ids of its own. LIFEBOAT names the binary, else
target/release is taken. Exporters that are not installed are named and left out. CPU is user and system time.
"""
import json, os, shutil, statistics, subprocess, sys, tempfile, time
import compare

def make(path, megabytes):
    with tempfile.TemporaryDirectory() as one:
        compare.make(one)
        with open("%s/%s.jsonl" % (one, compare.CONVERSATION)) as f: lines = [l for l in f if l.startswith("{") and l.rstrip().endswith("}")]
    last, size, n = None, 0, 0
    with open(path, "w") as out:
        while size < megabytes << 20:
            n += 1
            for line in lines:
                line = line.replace("00000000-0000", "%08x-0000" % n).replace("toolu_", "toolu_%x_" % n).replace('"msg_', '"msg_%x_' % n)
                record = json.loads(line)
                if record["type"] == "user" and record.get("parentUuid") is None and last: record["parentUuid"] = last
                line = json.dumps(record) + "\n"
                size += out.write(line)
                if record.get("uuid") and record["type"] in ("user", "assistant"): last = record["uuid"]
    return size

def timed(command, env):
    began = time.monotonic()
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    return used.ru_utime + used.ru_stime, time.monotonic() - began, used.ru_maxrss / 1024, status

def main():
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 32
    binary = os.environ.get("LIFEBOAT", compare.ROOT + "/target/release/lifeboat")
    if not os.path.exists(binary): sys.exit("no release binary of lifeboat: cargo build --release")
    with tempfile.TemporaryDirectory() as top:
        name = "local_" + compare.CONVERSATION
        base = top + "/store/0f0e0d0c-0000-4000-8000-000000000001/0f0e0d0c-0000-4000-8000-000000000002/"
        os.makedirs(base + name + "/.claude/projects/-p")
        path = base + name + "/.claude/projects/-p/" + compare.CONVERSATION + ".jsonl"
        size = make(path, megabytes)
        with open(base + name + ".json", "w") as f:
            json.dump(dict(sessionId=name, processName="x", cwd="/sessions/x", createdAt=1790000000000, lastActivityAt=1790000000000, title="Speed", cliSessionId=compare.CONVERSATION, userSelectedFolders=[]), f)
        env, out = dict(os.environ, HOME=top + "/home"), top + "/out"
        commands = {"lifeboat": [binary, "--root", top + "/store", "export", "--all", "--to", out],
                    "claude-code-log": ["claude-code-log", path, "-f", "md", "-o", out + "/x.md", "--no-cache"],
                    "claude-code-transcripts": ["claude-code-transcripts", "json", path, "-o", out]}
        for other in list(commands):
            if not shutil.which(commands[other][0]): print("skipped: %s is not installed" % other); del commands[other]
        runs = {other: [] for other in commands}
        for turn in range(6):
            for other, command in commands.items():
                shutil.rmtree(out, ignore_errors=True); os.makedirs(out)
                run = timed(command, env)
                if turn: runs[other].append(run)
        for other, all in runs.items():
            cpu, wall, peak, _ = (statistics.median(column) for column in zip(*all))
            ratios = [statistics.median(theirs[i] / ours[i] for theirs, ours in zip(all, runs["lifeboat"])) for i in (0, 1)]
            print("%-24s %6.1f MB  cpu %7.3f s (%6.1f MB/s)  wall %7.3f s (%6.1f MB/s)  peak %6.1f MB  cpu x%.1f wall x%.1f%s" % (
                other, size / 1e6, cpu, size / 1e6 / cpu, wall, size / 1e6 / wall, peak, *ratios, "" if all[0][3] == 0 else "  FAILED"))

if __name__ == "__main__": main()
