//! Embeds the page, compressed, where it was built (`web/dist`). A checkout without Node has none. The network that the page
//! has as a static file stays out: the service answers with its own.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

fn main() {
    let variable = |name: &str| PathBuf::from(std::env::var_os(name).unwrap_or_default());
    let web = variable("CARGO_MANIFEST_DIR").join("../../web");
    let page = web.join("dist");
    println!("cargo::rerun-if-changed=build.rs");
    // Where there is no page yet, the folder that will have it.
    let watched = if page.exists() { &page } else { &web };
    if watched.exists() {
        println!("cargo::rerun-if-changed={}", watched.display());
    }
    let out = variable("OUT_DIR");
    let mut code = String::from("&[");
    let is_network = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "weights");
    for (number, path) in files(&page).iter().filter(|path| !is_network(path)).enumerate() {
        let packed = out.join(format!("{number}.gz"));
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        let bytes = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        encoder.write_all(&bytes).expect("memory takes all");
        fs::write(&packed, encoder.finish().expect("memory takes all")).expect("the build's folder can be written");
        let address = path.strip_prefix(&page).expect("a file of the page").to_string_lossy().replace('\\', "/");
        writeln!(code, "({address:?}, include_bytes!({packed:?})),").expect("memory takes all");
    }
    code.push(']');
    fs::write(out.join("page.rs"), code).expect("the build's folder can be written");
}

/// All files of a folder and those inside it, sorted; none where there is no such folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}
