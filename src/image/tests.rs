//! Images made with `mke2fs`, and what is read of them.

#[cfg(unix)]
mod corrupt;
mod journal;
pub(crate) mod made;

use super::*;
use crate::model::Stop;
use made::{Made, tool};
use std::collections::BTreeMap;

/// Every file of an image by its path, with what it holds; folders and links stand with what they are.
fn all(image: &Image) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let each = |folder: Folder| {
        for entry in folder.entries.unwrap() {
            let path = format!("{}/{}", String::from_utf8_lossy(&folder.path).trim_end_matches('/'), String::from_utf8_lossy(&entry.name));
            let bytes = match entry.kind {
                Kind::File => {
                    let mut bytes = Vec::new();
                    image.content(entry.inode).unwrap().read_to_end(&mut bytes).unwrap();
                    bytes
                }
                Kind::Symlink => image.link(entry.inode).unwrap(),
                _ => b"folder".to_vec(),
            };
            found.insert(path, bytes);
        }
    };
    image.walk(&Limits::default(), &Stop::default(), each).unwrap_or_else(|e| panic!("{image:?}: {e}"));
    found.remove("/lost+found");
    found
}

#[test]
fn what_was_put_on_a_disk_is_read_from_it() {
    let Some(made) = Made::new(&[]) else { return };
    let image = open(&made.image).unwrap();
    assert_eq!(all(&image), made.expected());
    assert_eq!((image.form, image.partition, image.replayed), (Form::Raw, false, 0));
    assert_eq!(
        image.read(b"/brave-quiet-noether/work/thesis.tex", 1 << 20).unwrap(),
        made.expected()["/brave-quiet-noether/work/thesis.tex"]
    );
}

#[test]
fn disks_of_every_make_are_read_alike() {
    for options in [
        &["-b", "1024"][..],
        &["-b", "2048"],
        &["-O", "^metadata_csum"],
        &["-O", "^extents,^64bit,^metadata_csum"],
        &["-O", "^has_journal"],
        &["-I", "128", "-O", "^metadata_csum"],
        // Ext3, and ext2.
        &["-O", "^extents,^64bit,^metadata_csum,^flex_bg,^extra_isize"],
        &["-O", "^extents,^64bit,^metadata_csum,^flex_bg,^has_journal"],
        &["-O", "bigalloc", "-C", "16384"],
        &["-O", "metadata_csum_seed"],
        &["-O", "^dir_index"],
    ] {
        let Some(made) = Made::new(options) else { return };
        let image = open(&made.image).unwrap_or_else(|e| panic!("{options:?}: {e}"));
        assert_eq!(all(&image), made.expected(), "{options:?}");
    }
}

#[test]
fn a_disk_is_read_alike_in_every_container() {
    let Some(made) = Made::new(&[]) else { return };
    for (form, name) in [(Form::Qcow2, "qcow2"), (Form::Vhdx, "vhdx")] {
        for options in made::forms(name) {
            let Some(to) = made.converted(name, options) else { return };
            let image = open(&to).unwrap();
            assert_eq!(image.form, form);
            assert_eq!(all(&image), made.expected(), "{name} {options:?}");
        }
    }
}

#[test]
fn a_disk_in_an_asif_image_is_read() {
    let Some(made) = Made::new(&[]) else { return };
    let image = open(&made.asif()).unwrap();
    assert_eq!(image.form, Form::Asif);
    assert_eq!(all(&image), made.expected());
}

#[test]
fn an_asif_image_of_the_shared_tool_is_read() {
    let Some((made, to)) = Made::new(&[]).and_then(|m| Some((m.by_shared_tool()?, m))).map(|(to, m)| (m, to)) else { return };
    assert_eq!(all(&open(&to).unwrap()), made.expected());
}

#[test]
fn a_disk_with_a_partition_table_is_read() {
    let Some(made) = Made::new(&[]) else { return };
    let image = open(&made.partitioned()).unwrap();
    assert!(image.partition);
    assert_eq!(all(&image), made.expected());
}

#[test]
fn inodes_names_sizes_and_free_space_are_those_the_file_system_has() {
    let Some(made) = Made::new(&[]) else { return };
    let image = open(&made.image).unwrap();
    let (one, other) =
        (image.entry(b"/brave-quiet-noether/work/thesis.tex").unwrap(), image.entry(b"/brave-quiet-noether/linked").unwrap());
    assert_eq!((one.inode, one.links), (other.inode, 2), "both names are of one file");
    let told = tool("debugfs", &["-R", &format!("stat <{}>", one.inode)], &made.image).unwrap();
    assert!(told.contains(&format!("Size: {}", one.size)) && told.contains("Links: 2"), "{told}");
    let sparse = image.entry(b"/brave-quiet-noether/sparse").unwrap();
    assert!(sparse.size == 3 << 20 && sparse.allocated < 1 << 16, "{sparse:?}");
    let told = tool("dumpe2fs", &["-h"], &made.image).unwrap();
    let free: u64 = told.lines().find_map(|l| l.strip_prefix("Free blocks:")).unwrap().trim().parse().unwrap();
    assert_eq!(image.space().free, free * 4096);
}

#[test]
fn what_is_no_disk_is_told_as_such() {
    let dir = tempfile::tempdir().unwrap();
    let told = |bytes: &[u8]| {
        let path = dir.path().join("image");
        std::fs::write(&path, bytes).unwrap();
        open(&path).unwrap_err().to_string()
    };
    assert!(told(b"").contains("no file system that is known"));
    assert!(told(&[7; 9000]).contains("no file system that is known"));
    assert!(told(b"vhdxfile").contains("VHDX container is damaged"));
    assert!(told(b"QFI\xfb").contains("qcow2 container is damaged"));
    assert!(told(b"shdw").contains("ends before"));
    assert!(told(b"conectix").contains("VHD of the old kind"));
    assert!(told(&[0x28, 0xb5, 0x2f, 0xfd]).contains("packed with zstd"));
}

#[test]
fn links_are_never_followed() {
    let Some(made) = Made::new(&[]) else { return };
    let image = open(&made.image).unwrap();
    assert_eq!(image.read(b"/brave-quiet-noether/short-link", 1 << 20).unwrap_err().to_string(), "it is no regular file");
    assert_eq!(image.entry(b"/brave-quiet-noether/folder-link/thesis.tex").unwrap_err(), Trouble::NotThere);
}
