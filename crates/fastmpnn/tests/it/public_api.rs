//! The public interface of each library, compared with the listing beside it, so that every change of it is deliberate.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The libraries that others build on. Each has its listing in `public-api.txt`.
const LIBRARIES: [&str; 4] = ["fastmpnn-kernels", "fastmpnn", "fastmpnn-pipeline", "fastmpnn-compat"];

/// The compiler whose description of a crate this version of the crate `public-api` can read.
const COMPILER: &str = "rustc 1.95.";

#[test]
fn the_public_interface_is_the_one_that_is_listed() {
    let version = output(Command::new("rustc").arg("--version"));
    if !version.starts_with(COMPILER) {
        eprintln!("skipped: the listings are those of {COMPILER}x, and this is {version}");
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut stale = Vec::new();
    for library in LIBRARIES {
        let listing = root.join("crates").join(library).join("public-api.txt");
        let found = interface(&root, library);
        if std::env::var_os("FASTMPNN_UPDATE_SNAPSHOTS").is_some() {
            std::fs::write(&listing, &found).expect("a listing that can be written");
        }
        let listed = std::fs::read_to_string(&listing).unwrap_or_default();
        if listed != found {
            stale.push(difference(library, &listed, &found));
        }
    }
    assert!(stale.is_empty(), "{}\nFASTMPNN_UPDATE_SNAPSHOTS=1 writes the listings again", stale.join("\n"));
}

/// Every public item of a library, one per line.
fn interface(root: &Path, library: &str) -> String {
    // A folder of its own: in the usual one, the variable below would have cargo build most dependencies again, here and in
    // whatever is built next. Cargo takes a relative folder from where it runs.
    let target = root.join(std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into())).join("public-api");
    // The description is a feature of nightly compilers; the variable enables it in a stable one.
    let mut rustdoc = Command::new(env!("CARGO"));
    rustdoc.current_dir(root).env("RUSTC_BOOTSTRAP", "1").env("CARGO_TARGET_DIR", &target);
    rustdoc.env_remove("RUSTDOCFLAGS");
    rustdoc.args(["rustdoc", "--quiet", "--lib", "--package", library]);
    rustdoc.args(["--", "-Z", "unstable-options", "--output-format", "json"]);
    output(&mut rustdoc);
    let description: PathBuf = target.join("doc").join(library.replace('-', "_")).with_extension("json");
    let api = public_api::Builder::from_rustdoc_json(description)
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .omit_auto_derived_impls(true)
        .build()
        .expect("a description that can be read");
    api.items().map(|item| format!("{item}\n")).collect()
}

fn output(command: &mut Command) -> String {
    let output = command.output().expect("a program that starts");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// The first lines that only one of the two has.
fn difference(library: &str, listed: &str, found: &str) -> String {
    const SHOWN: usize = 20;
    let only = |these: &str, others: &str, sign: char| -> Vec<String> {
        let others: std::collections::HashSet<&str> = others.lines().collect();
        these.lines().filter(|line| !others.contains(line)).take(SHOWN).map(|line| format!("{sign} {line}")).collect()
    };
    let lines = [only(listed, found, '-'), only(found, listed, '+')].concat();
    format!("{library}:\n{}", lines.join("\n"))
}
