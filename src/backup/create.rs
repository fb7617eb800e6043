//! Makes an archive: packs, brings it to the disk, reads it back whole, and only then gives it its name.

use super::add::Adder;
use super::collect::{self, Collected};
use super::database::Databases;
use super::header::{self, BLOCK, Head};
use super::manifest::{self, EntryKind, Manifest};
use super::pack::Pack;
use super::publish::Partial;
use super::tell::Teller;
use super::verify::{self, sidecar};
use super::way::Way;
use super::{Format, Options, Report};
use crate::error::{Error, Result};
use crate::image::Images;
use crate::model::{Catalog, Failed, NodeId, PathText, Watch, shown};
use crate::platform::free_space;
use crate::world::World;
use humansize::{DECIMAL, format_size};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Writes an archive and reads it back; only then does it get its name.
pub fn create(world: &World, catalog: &Catalog, options: &Options, watch: &dyn Watch) -> Result<Report> {
    let all = collect::collect(catalog, options);
    if all.items.is_empty() {
        return Err(Error::refused("there is nothing to back up").hint("`lifeboat scan` shows what was found"));
    }
    let folder = options.to.clone().unwrap_or_else(|| world.backup_dir());
    enough_room(&folder, &all)?;
    if options.dry_run {
        let archive = free_name(&folder, &stem(world, &all), options.format);
        let Collected { files, bytes, skipped, failed, .. } = all;
        return Ok(Report { archive, files, bytes, skipped, failed, ..Report::default() });
    }
    std::fs::create_dir_all(&folder).map_err(|e| Error::io("cannot make the folder for backups", &folder, e))?;
    let archive = free_name(&folder, &stem(world, &all), options.format);
    let mut partial_name = archive.clone().into_os_string();
    partial_name.push(".partial");
    let (partial, file) = Partial::create(partial_name.into())
        .map_err(|e| Error::io("cannot write a backup here", &folder, e).hint("`--to DIR` puts it elsewhere"))?;

    let mut teller = Teller::new(watch, "Backing up", Some((all.files, all.bytes)));
    let mut manifest = Manifest {
        schema: manifest::SCHEMA.into(),
        made: world.now(),
        by: concat!("lifeboat ", env!("CARGO_PKG_VERSION")).into(),
        roots: all.roots.clone(),
        entries: Vec::new(),
        skipped: all.skipped.clone(),
        failed: all.failed.clone(),
    };
    let text = match write(file, catalog, options.format, &all, Databases::new(&folder, options.with_secrets), &mut manifest, &mut teller) {
        Err(_) if watch.stopped() => return Ok(Report { interrupted: true, ..Report::default() }),
        outcome => outcome.map_err(|e| Error::io("cannot write the backup; nothing was left of it", &folder, e))?,
    };
    teller.end();
    read_back(partial.path(), &manifest, &all, watch)?;
    if watch.stopped() {
        return Ok(Report { interrupted: true, ..Report::default() });
    }

    let packed = std::fs::symlink_metadata(partial.path()).map_or(0, |m| m.len());
    let files = manifest.entries.iter().filter(|e| e.kind != EntryKind::Dir).count() as u64;
    let bytes = manifest.entries.iter().map(|e| e.size).sum();
    let mut report = Report { archive, files, bytes, packed, skipped: manifest.skipped, failed: manifest.failed, interrupted: false };
    let beside = write_beside(&report.archive, &text);
    partial.publish(&report.archive)?;
    let beside = beside.and_then(|b| b.publish(&sidecar(&report.archive)));
    if let Err(e) = beside {
        report.failed.push(Failed { path: PathText::new(&sidecar(&report.archive)), error: e.to_string() });
    }
    Ok(report)
}

/// The sidecar, under a passing name.
fn write_beside(archive: &Path, text: &[u8]) -> Result<Partial> {
    let mut name = sidecar(archive).into_os_string();
    name.push(".partial");
    let whole = || -> io::Result<Partial> {
        let (partial, mut file) = Partial::create(name.clone().into())?;
        file.write_all(text)?;
        file.sync_all()?;
        Ok(partial)
    };
    whole().map_err(|e| Error::io("cannot write the manifest beside the archive", PathBuf::from(&name), e))
}

/// Packs everything, and the manifest last; gives the manifest's text.
fn write(
    file: File,
    catalog: &Catalog,
    format: Format,
    all: &Collected,
    databases: Databases,
    manifest: &mut Manifest,
    teller: &mut Teller<'_>,
) -> io::Result<Vec<u8>> {
    let mut adder = Adder {
        out: Pack::new(file, format)?,
        catalog,
        entries: Vec::with_capacity(all.items.len()),
        skipped: Vec::new(),
        failed: Vec::new(),
        databases,
        images: Images::default(),
        first_names: HashMap::new(),
    };
    let mut names: HashMap<NodeId, Vec<u8>> = HashMap::new();
    let mut way: Option<(usize, Way<'_>)> = None;
    for item in &all.items {
        if teller.stopped() {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let name = match catalog.parent(item.id).and_then(|p| names.get(&p)) {
            Some(parent) => [parent.as_slice(), b"/", catalog.name_bytes(item.id)].concat(),
            None => all.roots.get(item.root).and_then(|r| manifest::bytes(&r.top)).unwrap_or_default(),
        };
        if catalog.node(item.id).kind == crate::model::Kind::Dir {
            names.insert(item.id, name.clone());
        }
        if way.as_ref().is_none_or(|(root, _)| *root != item.root) {
            way = Some((item.root, Way::new(catalog, root_of(catalog, item.id))));
        }
        if let Some((_, way)) = &mut way {
            adder.add(*item, &name, way, teller)?;
        }
    }
    let Adder { mut out, entries, skipped, failed, .. } = adder;
    manifest.entries = entries;
    manifest.skipped.extend(skipped);
    manifest.failed.extend(failed);
    let text = serde_json::to_vec(&manifest)?;
    let seconds = manifest.made.as_second();
    let head = Head { name: manifest::NAME, letter: b'0', mode: 0o600, size: text.len() as u64, ..Head::default() };
    out.write_all(&header::bytes(&Head { mtime_ns: seconds.saturating_mul(1_000_000_000), ..head }))?;
    out.write_all(&text)?;
    out.write_all(&vec![0; text.len().next_multiple_of(BLOCK) - text.len() + 2 * BLOCK])?;
    out.finish()?;
    Ok(text)
}

fn root_of(catalog: &Catalog, id: NodeId) -> NodeId {
    std::iter::successors(Some(id), |at| catalog.parent(*at)).last().unwrap_or(id)
}

fn read_back(partial: &Path, manifest: &Manifest, all: &Collected, watch: &dyn Watch) -> Result<()> {
    let mut teller = Teller::new(watch, "Verifying", Some((all.files, all.bytes)));
    let checked = match verify::check(partial, &mut teller) {
        Err(_) if watch.stopped() => return Ok(()),
        outcome => outcome?,
    };
    teller.end();
    let same = checked.manifest.as_ref() == Some(manifest);
    match checked.verified.failed.first() {
        None if same => Ok(()),
        first => {
            let why = first.map_or_else(
                || "its manifest reads back differently".to_owned(),
                |f| format!("{}: {}", shown(Path::new(&f.path.path)), f.error),
            );
            Err(Error::new(
                crate::error::Kind::System,
                format!("the backup did not read back as it was written, and was discarded ({why})"),
            )
            .hint("the disk or the memory may be failing; `--to DIR` writes elsewhere"))
        }
    }
}

/// The archive's name without its ending: the stores in it and the time.
fn stem(world: &World, all: &Collected) -> String {
    let mut stores: Vec<&str> = all.roots.iter().map(|r| r.store.as_str()).collect();
    stores.dedup();
    let stores = if stores.len() > 4 { "all".to_owned() } else { stores.join("-") };
    format!("lifeboat-{stores}-{}", world.now().strftime("%Y%m%d-%H%M%S"))
}

/// A name nobody has in the folder, with its sidecar's.
fn free_name(folder: &Path, stem: &str, format: Format) -> PathBuf {
    let ending = match format {
        Format::TarGz => "tar.gz",
        Format::TarZst => "tar.zst",
    };
    let taken = |path: &Path| std::fs::symlink_metadata(path).is_ok();
    let mut path = folder.join(format!("{stem}.{ending}"));
    let mut count = 1;
    while taken(&path) || taken(&sidecar(&path)) {
        count += 1;
        path = folder.join(format!("{stem}-{count}.{ending}"));
    }
    path
}

/// Refuses a backup that may not fit: compression helps by how much nobody knows beforehand.
fn enough_room(folder: &Path, all: &Collected) -> Result<()> {
    let names: u64 = all.items.len() as u64 * 1024;
    let need = all.room + names;
    match free_space(folder) {
        Ok((free, _)) if free < need => Err(Error::refused(format!(
            "not enough room for the backup: up to {} may be needed, {} are free",
            format_size(need, DECIMAL),
            format_size(free, DECIMAL)
        ))
        .at(folder)
        .hint("`--to DIR` writes to another disk; `--store NAME` takes one store")),
        _ => Ok(()),
    }
}
