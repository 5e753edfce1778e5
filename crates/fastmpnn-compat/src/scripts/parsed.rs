//! `parse_multiple_chains.py`: the PDB files of a folder, one line each.

use anyhow::{Context, Result, bail};

use super::arguments::needed;
use super::helper_script::HelperScript;
use super::output::write_text;
use crate::console::Console;
use crate::protein::read_entry;
use crate::python::argparse::{Parser, Values, optional, switch};

pub(super) const PARSE_MULTIPLE_CHAINS: HelperScript = HelperScript {
    parser: Parser {
        program: "parse_multiple_chains.py",
        flags: &[
            optional("--input_path", "folder of PDB files"),
            optional("--output_path", "file of parsed structures to write"),
            switch("--ca_only", "take CA atoms alone"),
        ],
    },
    run,
};

fn run(values: &Values, _console: &mut dyn Console) -> Result<()> {
    let folder = needed(values, "--input_path")?;
    let output = needed(values, "--output_path")?;
    let listed = std::fs::read_dir(folder).with_context(|| format!("{folder} cannot be read"))?;
    let mut paths = Vec::new();
    for entry in listed {
        let path = entry.with_context(|| format!("{folder} cannot be read"))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".pdb") && !name.starts_with('.') {
            paths.push(path);
        }
    }
    if paths.is_empty() {
        bail!("{folder}: it has no .pdb files");
    }
    // The published script takes them in the order of the file system, which differs between machines.
    paths.sort();
    let mut text = String::new();
    for path in paths {
        let entry = read_entry(&path.to_string_lossy())?;
        text.push_str(&entry.to_json(values.switch("--ca_only")).dumps());
        text.push('\n');
    }
    write_text(output, &text)
}
