//! The gentler way: a shell script for a running session, made from the same plan, that frees the session's own folder.
//!
//! Only what is rebuildable stands in it. It refuses to run anywhere but in that folder, and compares size and time of every
//! file before it removes anything.

use crate::model::{Catalog, Class, Kind, NodeId, Plan, PlanItem, to_bytes};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;

/// Where the virtual machine has the folders of its sessions.
pub const SESSIONS: &str = "/sessions";

/// A script, and what it is about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Script {
    /// The script itself.
    pub text: Vec<u8>,
    /// Items in it.
    pub items: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Items of this session that are left out: not rebuildable, or with names a script is better not made of.
    pub left_out: u64,
}

/// The sessions' folders that a plan's items lie in, by name.
pub fn folders(plan: &Plan) -> BTreeSet<Vec<u8>> {
    plan.items.iter().filter_map(|item| inner(item)?.into_iter().next()).collect()
}

/// The script for the session whose folder has this name; `base` is where the machine has such folders ([`SESSIONS`]).
pub fn script(catalog: &Catalog, plan: &Plan, base: &Path, name: &[u8]) -> Script {
    let mut script = Script::default();
    let mut lines = Vec::new();
    for item in &plan.items {
        let Some((own, rest)) = inner(item).as_deref().and_then(|path| path.split_first().map(|(a, b)| (a.clone(), b.to_vec()))) else {
            continue;
        };
        if own != name {
            continue;
        }
        match item.path.to_path().and_then(|path| line(catalog, catalog.find(&path)?, item, &rest)) {
            Some(line) => {
                lines.extend(line);
                script.items += 1;
                script.bytes += item.bytes;
            }
            None => script.left_out += 1,
        }
    }
    let mut home = to_bytes(base.as_os_str()).into_owned();
    home.push(b'/');
    home.extend_from_slice(name);
    script.text = [HEAD, b"home=", &quoted(&home), b"\n", BODY, &lines, TAIL].concat();
    script
}

/// The path inside the image, part by part.
fn inner(item: &PlanItem) -> Option<Vec<Vec<u8>>> {
    Some(super::census::parts(&item.image.as_ref()?.inner.to_path()?))
}

fn line(catalog: &Catalog, node: NodeId, item: &PlanItem, path: &[Vec<u8>]) -> Option<Vec<u8>> {
    // Below `mnt` the session sees folders of this machine, and not its own disk.
    let seen = path.first().is_some_and(|first| first != b"mnt");
    if item.class != Class::Rebuildable || !seen || path.iter().flatten().any(u8::is_ascii_control) {
        return None;
    }
    let path = quoted(&path.join(&b'/'));
    let facts = catalog.node(node);
    let mut out = Vec::new();
    match facts.kind {
        Kind::File => {
            let _ = write!(out, "file {} {} ", facts.size, facts.mtime_ns.div_euclid(1_000_000_000));
        }
        Kind::Dir => {
            let _ = write!(out, "folder {} ", fingerprint(catalog, node)?);
        }
        _ => return None,
    }
    out.extend([path.as_slice(), b"\n"].concat());
    Some(out)
}

/// What `find … | sort -z | sha256sum` in the script says of a folder: every name below it, of files and links size and time too.
fn fingerprint(catalog: &Catalog, top: NodeId) -> Option<String> {
    let mut lines = Vec::new();
    let mut todo: Vec<(NodeId, Vec<u8>)> = catalog.children(top).map(|id| (id, catalog.name_bytes(id).to_vec())).collect();
    while let Some((id, path)) = todo.pop() {
        let node = catalog.node(id);
        let (seconds, ns) = (node.mtime_ns.div_euclid(1_000_000_000), node.mtime_ns.rem_euclid(1_000_000_000));
        let head = match node.kind {
            Kind::Dir => "d ".to_owned(),
            Kind::File => format!("f {} {seconds}.{ns:09}0 ", node.size),
            Kind::Symlink => format!("l {} {seconds}.{ns:09}0 ", node.size),
            Kind::Other => return None,
        };
        todo.extend(catalog.children(id).map(|below| (below, [path.as_slice(), b"/", catalog.name_bytes(below)].concat())));
        lines.push([head.as_bytes(), &path, b"\0"].concat());
    }
    lines.sort_unstable();
    let mut hasher = Sha256::new();
    for line in &lines {
        hasher.update(line);
    }
    let hash = hasher.finalize();
    Some(hash.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}")))
}

/// Bytes as one word of a shell.
fn quoted(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![b'\''];
    for byte in bytes {
        if *byte == b'\'' { out.extend_from_slice(b"'\\''") } else { out.push(*byte) }
    }
    out.push(b'\'');
    out
}

const HEAD: &[u8] = b"#!/bin/sh
# Frees what can be rebuilt in this session's own folder, by a plan of lifeboat.
# What changed since the plan was made stays. Give it to the session it is named for; anywhere else it does nothing.
set -u
export LC_ALL=C
";

const BODY: &[u8] = br#"cd -P -- "$home" 2>/dev/null && [ "$(pwd -P)" = "$home" ] && [ "$(stat -c %u .)" = "$(id -u)" ] || {
  echo "this is not the session of $home, so nothing is done" >&2
  exit 3
}
gone=0 stays=0
# Whether a path lies in this folder with no link on the way, and on the same disk.
own() {
  case $1 in */*) above=$home/${1%/*} ;; *) above=$home ;; esac
  [ "$(readlink -f -- "$above")" = "$above" ] && [ "$(stat -c %d -- "$above")" = "$(stat -c %d .)" ]
}
file() {
  if own "$3" && [ -f "./$3" ] && [ ! -L "./$3" ] && [ "$(stat -c '%s %Y' -- "./$3")" = "$1 $2" ] && rm -f -- "./$3"; then
    gone=$((gone + 1))
  else
    stays=$((stays + 1)) && printf 'stays: %s\n' "$3" >&2
  fi
}
folder() {
  if own "$2" && [ -d "./$2" ] && [ ! -L "./$2" ] && [ "$(cd -P -- "./$2" && find . -xdev -mindepth 1 \
    \( -type d -printf 'd %P\0' -o -printf '%y %s %T@ %P\0' \) | sort -z | sha256sum | cut -c 1-64)" = "$1" ] &&
    rm -rf --one-file-system -- "./$2"; then
    gone=$((gone + 1))
  else
    stays=$((stays + 1)) && printf 'stays: %s\n' "$2" >&2
  fi
}
"#;

const TAIL: &[u8] = b"echo \"$gone removed, $stays changed and stay\"
[ \"$stays\" = 0 ]
";
