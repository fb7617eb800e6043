//! What lies beside the sessions in the app's data folder: caches, old programs, the virtual machine, settings.

use super::app_data;
use super::bytes::{hex, noise};
use super::home::{DAY, Home};
use crate::error::Result;
use std::path::Path;

pub(super) fn make(home: &mut Home) -> Result<()> {
    let app = app_data(&home.root);
    settings(home, &app)?;
    caches(home, &app)?;
    programs(home, &app)?;
    machine(home, &app)?;
    let pending = app.join("pending-uploads").join(format!("{}-sketch.png", super::bytes::uuid("pending")));
    home.put(&pending, &super::bytes::chart("sketch", 320, 200), home.ago(DAY))?;
    code_tab(home, &app)
}

fn settings(home: &mut Home, app: &Path) -> Result<()> {
    let at = home.ago(3 * DAY);
    home.put(&app.join("config.json"), b"{\"version_first_launch\":\"1.1.4498\",\"oauth:tokenCacheV2\":\"made up\"}", at)?;
    home.put(&app.join("claude_desktop_config.json"), b"{\"mcpServers\":{}}\n", at)?;
    home.put(&app.join("cowork_account_settings.json"), b"{}\n", at)?;
    home.put(&app.join("window-state.json"), b"{\"width\":1440,\"height\":900}", at)?;
    let bridge = "{\"org:acct\":{\"localSessionId\":\"local_ditto_1\",\"remoteSessionId\":\"cse_0123456789abcdef\"}}";
    home.put(&app.join("bridge-state.json"), bridge.as_bytes(), at)?;
    home.put(&app.join("Cookies"), &noise("cookies", 20_480), at)?;
    home.put(&app.join("Local State"), b"{}", at)?;
    home.put(&app.join("Local Storage").join("leveldb").join("000003.log"), &noise("leveldb", 4000), at)?;
    home.put(&app.join("logs").join("main.log"), &noise("main log", 40_000), home.ago(3600))?;
    home.put(&app.join("logs").join("mcp.log"), &noise("mcp log", 9000), home.ago(2 * DAY))
}

fn caches(home: &mut Home, app: &Path) -> Result<()> {
    let at = home.ago(2 * DAY);
    for (folder, count) in [("Cache/Cache_Data", 24), ("Code Cache/js", 12), ("GPUCache", 4), ("DawnGraphiteCache", 4)] {
        let folder = app.join(folder);
        home.put(&folder.join("index"), &noise("index", 512), at)?;
        for n in 0..count {
            let name = if folder.ends_with("Cache_Data") { format!("f_{n:06x}") } else { format!("{}_0", hex(&format!("{n}"), 16)) };
            home.put(&folder.join(name), &noise(&format!("cache {n}"), 12_000), at)?;
        }
    }
    let size = if home.bulk == 0 { 40_000 } else { 190_000_000 };
    home.sparse(&app.join("Cache").join("Cache_Data").join("data_3"), &[0xc3, 0xca, 0x04, 0xc1], size, at)?;
    home.put(&app.join("Crashpad").join("completed").join("4f1c.dmp"), &noise("crash", 30_000), home.ago(12 * DAY))
}

/// The command-line program: two old versions, and the one in use.
fn programs(home: &mut Home, app: &Path) -> Result<()> {
    for (version, days) in [("2.1.177", 60), ("2.1.209", 25), ("2.1.234", 4)] {
        let size = if home.bulk == 0 { 50_000 } else { 204_000_000 };
        home.sparse(&app.join("claude-code").join(version).join("claude"), b"\x7fELF\x02\x01\x01", size, home.ago(days * DAY))?;
        home.put(&app.join("claude-code").join(version).join(".verified"), b"", home.ago(days * DAY))?;
    }
    Ok(())
}

fn machine(home: &mut Home, app: &Path) -> Result<()> {
    let bundle = app.join("vm_bundles").join("claudevm.bundle");
    let (system, data) = if home.bulk == 0 { (100_000, 50_000) } else { (3_200_000_000, 24_000_000) };
    home.sparse(&bundle.join("rootfs.img"), b"\0\0root file system", system, home.ago(4 * DAY))?;
    home.put(&bundle.join("vmlinuz"), &noise("kernel", 60_000), home.ago(4 * DAY))?;
    home.sparse(&bundle.join("sessiondata.img"), b"\0\0session data", data, home.ago(2 * DAY))
}

/// Sessions of the app's other tab; their conversations are elsewhere.
fn code_tab(home: &mut Home, app: &Path) -> Result<()> {
    let account = app.join("claude-code-sessions").join(super::bytes::uuid("account")).join(super::bytes::uuid("org"));
    let name = format!("local_{}.json", super::bytes::uuid("code tab"));
    home.put(&account.join(name), b"{\"sessionId\":\"local_x\",\"originCwd\":\"/srv/shop\",\"branch\":\"main\"}", home.ago(6 * DAY))
}
