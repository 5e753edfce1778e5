//! ARCHITECTURE.md names the files that exist.

use std::path::Path;

#[test]
fn every_path_of_the_architecture_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = std::fs::read_to_string(root.join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let named: Vec<&str> =
        text.split('`').skip(1).step_by(2).filter(|code| code.contains('/') && !code.contains(' ')).collect();
    assert!(named.len() > 40, "only {} paths are named", named.len());
    let missing: Vec<&str> = named.into_iter().filter(|path| !root.join(path).exists()).collect();
    assert!(missing.is_empty(), "ARCHITECTURE.md names what does not exist: {missing:?}");
}

#[test]
fn every_crate_and_every_room_of_the_library_is_named() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = std::fs::read_to_string(root.join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let folders = |place: &str| -> Vec<String> {
        let entries = std::fs::read_dir(root.join(place)).expect("a folder").map(|entry| entry.expect("an entry"));
        let folders = entries.filter(|entry| entry.path().is_dir());
        folders.map(|entry| format!("{place}/{}", entry.file_name().to_string_lossy())).collect()
    };
    for room in [folders("crates"), folders("crates/fastmpnn/src"), folders("crates/fastmpnn-pipeline/src")].concat() {
        assert!(text.contains(&format!("`{room}")), "ARCHITECTURE.md does not name {room}");
    }
}
