//! `fastmpnn compat`: the published scripts on the streams of the program, and the shims.

use std::fs;
use std::path::Path;

use crate::program::{command, example, fastmpnn, finish};

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_script_prints_and_writes_what_it_does_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let (structure, out) = (example("6MRR.pdb"), text(folder.path()));
    let base = ["compat", "tools/protein_mpnn_run.py", "--pdb_path", &structure, "--out_folder", &out, "--seed", "5"];
    let run = fastmpnn(&[&base[..], &["--bias_AA_jsonl", "none.jsonl"]].concat());
    assert_eq!(
        run.err,
        "warning: compat: --bias_AA_jsonl: none.jsonl is not a file; it is ignored, as the published script ignores it\n"
    );
    let said = run.success();
    assert!(
        said.contains("bias_AA_jsonl is NOT loaded\n") && said.contains("Generating sequences for: 6MRR\n"),
        "{said}"
    );
    let fasta = fs::read_to_string(folder.path().join("seqs/6MRR.fa")).unwrap();
    assert_eq!(fasta.lines().count(), 4, "{fasta}");
}

#[test]
fn arguments_and_files_that_cannot_be_used_give_their_exit_codes() {
    let usage = "\
usage: assign_fixed_chains.py [-h] [--input_path INPUT_PATH]
                              [--output_path OUTPUT_PATH]
                              [--chain_list CHAIN_LIST]
assign_fixed_chains.py: error: unrecognized arguments: --foo 1
";
    let mut refused = command(&["compat", "scripts/assign_fixed_chains.py", "--foo", "1"]);
    refused.env("COLUMNS", "80");
    let refused = finish(refused);
    assert_eq!((refused.out.as_str(), refused.err.as_str(), refused.code), ("", usage, 2));
    let unknown = fastmpnn(&["compat", "nothing.py"]).failure(2);
    assert!(
        unknown.starts_with("error: compat knows no script nothing.py; the known names are protein_mpnn_run.py, "),
        "{unknown}"
    );
    let help = fastmpnn(&["compat", "protein_mpnn_run.py", "--help"]).success();
    assert!(help.starts_with("usage: protein_mpnn_run.py [-h] [--suppress_print SUPPRESS_PRINT]"), "{help}");
    let folder = tempfile::tempdir().unwrap();
    let (taken, structure) = (folder.path().join("taken"), example("6MRR.pdb"));
    fs::write(&taken, "").unwrap();
    let inside = text(&taken.join("in"));
    let base = ["compat", "run.py", "--pdb_path", &structure, "--out_folder"];
    let unwritten = fastmpnn(&[&base[..], &[&inside]].concat()).failure(1);
    assert!(unwritten.starts_with("error: ") && unwritten.contains(" cannot be written: "), "{unwritten}");
    let out = text(folder.path());
    let incomplete = fastmpnn(&["compat", "run.py", "--pdb_path", "nothing.pdb", "--out_folder", &out]).failure(2);
    assert!(incomplete.starts_with("error: nothing.pdb: cannot be read: "), "{incomplete}");
}

#[cfg(unix)]
#[test]
fn shims_stand_in_for_the_scripts_and_for_python() {
    let folder = tempfile::tempdir().unwrap();
    let bin = folder.path().join("bin");
    let written = fastmpnn(&["compat", "--shim", &text(&bin)]).success();
    assert!(written.lines().count() >= 13, "{written}");
    let made = folder.path().join("bias.jsonl");
    let script = format!(
        "PATH={}:$PATH\npython ../helper_scripts/make_bias_AA.py --output_path={2} --AA_list='D E' --bias_list='1 -2'\n\
         cat {2}\n{1}/make_bias_AA.py --output_path={2} --AA_list=W --bias_list=0.5\ncat {2}\n",
        text(&bin),
        text(&bin),
        text(&made)
    );
    let mut shell = std::process::Command::new("sh");
    let output = shell.arg("-c").arg(script).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "{\"D\": 1.0, \"E\": -2.0}\n{\"W\": 0.5}\n", "{error}");
}

/// Many programs have a `run.py`: the shim `python` runs LigandMPNN's with our program, and leaves others alone.
#[cfg(unix)]
#[test]
fn only_ligandmpnns_scripts_of_a_common_name_are_taken() {
    let folder = tempfile::tempdir().unwrap();
    let (bin, other) = (folder.path().join("bin"), folder.path().join("other"));
    fastmpnn(&["compat", "--shim", &text(&bin)]).success();
    for (name, content) in [("mine", "print(1)\n"), ("theirs", "\"--ligand_mpnn_use_atom_context\",\n")] {
        fs::create_dir(folder.path().join(name)).unwrap();
        fs::write(folder.path().join(name).join("run.py"), content).unwrap();
    }
    // Another Python, which only prints its arguments.
    fs::create_dir(&other).unwrap();
    fs::write(other.join("python"), "#!/bin/sh\necho python \"$@\"\n").unwrap();
    std::process::Command::new("chmod").arg("+x").arg(other.join("python")).status().unwrap();
    let script = format!(
        "cd {}\nPATH={}:{}:$PATH\npython mine/run.py --seed 1\npython theirs/run.py --out_folder x\n",
        text(folder.path()),
        text(&bin),
        text(&other)
    );
    let output = std::process::Command::new("sh").arg("-c").arg(script).output().unwrap();
    let expected = "python mine/run.py --seed 1\nYou must specify either --pdb_path or --pdb_path_multi\n";
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected, "{}", String::from_utf8_lossy(&output.stderr));
}
