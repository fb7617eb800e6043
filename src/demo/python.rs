//! A Python environment whose packages list their own files and hashes.

use super::bytecode::{Constant, compiled};
use super::bytes::prose;
use super::home::{Home, after};
use crate::error::Result;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::path::Path;

const PACKAGES: [(&str, &str, &str, usize); 3] =
    [("openpyxl", "openpyxl", "3.1.5", 9), ("matplotlib", "matplotlib", "3.9.2", 14), ("python-dateutil", "dateutil", "2.9.0", 5)];

/// Makes an environment; with `touched`, a note of the user's lies in it and one package file was edited.
pub(super) fn environment(home: &mut Home, venv: &Path, when: Timestamp, touched: bool) -> Result<()> {
    home.put_at_once(&venv.join("pyvenv.cfg"), b"home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.11.2\n", when)?;
    home.put(&venv.join(".gitignore"), b"*\n", when)?;
    home.link(&venv.join("bin").join("python3"), Path::new("/usr/bin/python3"), when)?;
    home.link(&venv.join("bin").join("python"), Path::new("python3"), when)?;
    let site = venv.join("lib").join("python3.11").join("site-packages");
    for (n, (distribution, module, version, count)) in PACKAGES.into_iter().enumerate() {
        let at = after(when, 20 * (i64::try_from(n).unwrap_or(0) + 1));
        package(home, &site, (distribution, module, version), count, at)?;
    }
    if touched {
        let edited = b"# edited by hand: the axis labels of the thesis depend on this\nTHESIS_FONT = 'Libertinus'\n";
        home.put(&site.join("matplotlib").join("part_03.py"), edited, after(when, 7200))?;
        home.put(&site.join("which figures are final.txt"), b"3, 5 and 8. Not 7.\n", after(when, 9000))?;
    }
    Ok(())
}

fn package(home: &mut Home, site: &Path, what: (&str, &str, &str), count: usize, when: Timestamp) -> Result<()> {
    let (distribution, module, version) = what;
    let info = format!("{}-{version}.dist-info", distribution.replace('-', "_"));
    let metadata = format!("Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n");
    let mut files = vec![(format!("{module}/__init__.py"), format!("__version__ = \"{version}\"\n").into_bytes())];
    let mut sources = vec![vec![("__version__", Constant::Text(version))]];
    let documents: Vec<String> = (0..count).map(|n| prose(&format!("{module} part {n}"), 4)).collect();
    for (n, document) in documents.iter().enumerate() {
        let text = format!("\"\"\"{document}\"\"\"\n\nVALUE = {n}\n");
        files.push((format!("{module}/part_{n:02}.py"), text.into_bytes()));
        sources.push(vec![("__doc__", Constant::Text(document)), ("VALUE", Constant::Number(i32::try_from(n).unwrap_or(0)))]);
    }
    files.push((format!("{info}/METADATA"), metadata.into_bytes()));
    files.push((format!("{info}/WHEEL"), b"Wheel-Version: 1.0\nGenerator: sample\nRoot-Is-Purelib: true\nTag: py3-none-any\n".to_vec()));
    files.push((format!("{info}/INSTALLER"), b"pip\n".to_vec()));
    let mut record = String::new();
    for (at, (name, bytes)) in files.iter().enumerate() {
        home.put(&site.join(name), bytes, when)?;
        let hash = URL_SAFE_NO_PAD.encode(Sha256::digest(bytes));
        let _ = writeln!(record, "{name},sha256={hash},{}", bytes.len());
        if let Some(stem) = name.strip_prefix(&format!("{module}/")).and_then(|n| n.strip_suffix(".py")) {
            let cached = format!("{module}/__pycache__/{stem}.cpython-311.pyc");
            let given = sources.get(at).map_or(&[][..], Vec::as_slice);
            let path = format!("/usr/lib/python3.11/site-packages/{name}");
            home.put(&site.join(&cached), &compiled(&path, bytes.len(), when.as_second(), given), after(when, 5))?;
            let _ = writeln!(record, "{cached},,");
        }
    }
    let _ = writeln!(record, "{info}/RECORD,,");
    home.put(&site.join(&info).join("RECORD"), record.as_bytes(), after(when, 1))
}
