//! `fastmpnn compat --shim DIR`: small executables under the scripts' names.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use fastmpnn_compat::{LIGAND_OPTION, PublishedScript, python_literal};

use crate::failure::WritingTo;

/// Writes a shim for every script, and a `python` that runs scripts of these names through them, so that a pipeline's
/// `python ../protein_mpnn_run.py …` finds ours if the folder comes first on its PATH.
pub(crate) fn write(folder: &Path) -> Result<Vec<PathBuf>> {
    let scripts = fastmpnn_compat::scripts();
    let program = std::env::current_exe().context("the program's own path is not known")?;
    fs::create_dir_all(folder.join(OTHER_TOOLS)).writing_to(folder.display())?;
    let mut written = Vec::new();
    for script in &scripts {
        let folders: &[&str] = if script.in_other_tools { &["", OTHER_TOOLS] } else { &[""] };
        for place in folders {
            let path = folder.join(place).join(script.name);
            written.push(write_executable(path, &shim(&program, script.name))?);
        }
    }
    for name in ["python", "python3"] {
        written.push(write_executable(folder.join(name), &interpreter(&program, name, &scripts))?);
    }
    Ok(written)
}

/// The folder in which the published repository keeps two of the scripts.
const OTHER_TOOLS: &str = "other_tools";

fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', "'\\''"))
}

fn shim(program: &Path, script: &str) -> String {
    // It works both in a shell and in Python: to Python the first lines are a string literal.
    format!(
        "#!/bin/sh\n\
         # Written by `fastmpnn compat --shim`.\n\
         ''''exec {program} compat {script} \"$@\" # '''\n\
         import os, sys\n\
         os.execv({python}, [{python}, 'compat', '{script}'] + sys.argv[1:])\n",
        program = quoted(program),
        python = python_literal(&program.display().to_string()),
    )
}

fn interpreter(program: &Path, name: &str, scripts: &[PublishedScript]) -> String {
    // For names that other programs also use, `python` takes only scripts that have the option in their text.
    let patterns = |common: bool| {
        let names = scripts.iter().filter(|script| script.is_common_name == common).map(|script| script.name);
        names.map(|script| format!("{script}|*/{script}")).collect::<Vec<_>>().join("|")
    };
    format!(
        "#!/bin/sh\n\
         # Written by `fastmpnn compat --shim`: scripts of ProteinMPNN and LigandMPNN are run by fastmpnn, everything\n\
         # else by the next {name} on the PATH.\n\
         case \"$1\" in\n\
         {own}) script=$1; shift; exec {program} compat \"$script\" \"$@\" ;;\n\
         {common}) if grep -q {LIGAND_OPTION} \"$1\" 2>/dev/null; then\n\
         \x20   script=$1; shift; exec {program} compat \"$script\" \"$@\"\n\
         fi ;;\n\
         esac\n\
         own=$(cd \"$(dirname \"$0\")\" && pwd)\n\
         IFS=:\n\
         for folder in $PATH; do\n\
         \x20   if [ \"$folder\" != \"$own\" ] && [ -x \"$folder/{name}\" ]; then exec \"$folder/{name}\" \"$@\"; fi\n\
         done\n\
         echo \"{name}: there is no other {name} on the PATH\" >&2\n\
         exit 127\n",
        own = patterns(false),
        common = patterns(true),
        program = quoted(program),
    )
}

fn write_executable(path: PathBuf, text: &str) -> Result<PathBuf> {
    fs::write(&path, text).writing_to(path.display())?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).writing_to(path.display())?;
    }
    Ok(path)
}
