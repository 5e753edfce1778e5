//! Embeds the page of reports, compressed, and the script of tables, where they were built (`web/dist-report`). A checkout
//! without Node has none.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use flate2::Compression;
use flate2::write::GzEncoder;

/// Where the data go; `web/vite.report.config.mjs` writes it.
const MARK: &str = "<!-- data -->";

fn main() {
    let variable = |name: &str| PathBuf::from(std::env::var_os(name).unwrap_or_default());
    let (web, out) = (variable("CARGO_MANIFEST_DIR").join("../../web"), variable("OUT_DIR"));
    let built = web.join("dist-report");
    println!("cargo::rerun-if-changed=build.rs");
    // Without it the folder above is watched, so that a first one is seen.
    println!("cargo::rerun-if-changed={}", if built.exists() { &built } else { &web }.display());
    // In a browser no file is written.
    let in_a_browser = std::env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|name| name == "wasm32");
    let read = |name: &str| match in_a_browser {
        true => String::new(),
        false => fs::read_to_string(built.join(name)).unwrap_or_default(),
    };
    let page = read("report.html");
    let marks = page.matches(MARK).count();
    assert!(page.is_empty() || marks == 1, "report.html has {marks} places for data: build it again");
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(page.as_bytes()).expect("memory takes all");
    let packed = encoder.finish().expect("memory takes all");
    fs::write(out.join("report.html.gz"), packed).expect("the build's folder can be written");
    fs::write(out.join("tables.js"), read("tables.js")).expect("the build's folder can be written");
}
