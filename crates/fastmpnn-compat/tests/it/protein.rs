//! `protein_mpnn_run.py` and its helpers against what the published scripts write.

use std::fs;
use std::path::Path;

use crate::captured::{example, root, script, script_line, text};
use crate::shared::shared;

/// Runs a script; its arguments are separated by blanks, but for those in double quotes.
fn compat(name: &str, arguments: &str) -> String {
    script_line(name, arguments, '"').success()
}

/// FASTA text as the published files would have it without a commit of their repository.
fn without_commit(text: &str) -> String {
    let hide = |line: &str| match line.split_once("git_hash=") {
        Some((before, after)) => {
            let rest = after.split_once(", ").map_or("", |(_, rest)| rest);
            format!("{before}git_hash=unknown, {rest}\n")
        }
        None => format!("{line}\n"),
    };
    text.lines().map(hide).collect()
}

/// The example outputs that the authors published in 2022, from their own inputs.
#[test]
fn published_designs_are_written_byte_for_byte() {
    let Some(published) = shared("published") else { return };
    let output = tempfile::tempdir().unwrap();
    let (mut compared, mut equal, mut differing) = (0, 0, Vec::new());
    for case in ["1", "2", "3", "4", "4_non_fixed", "5", "6", "8", "pssm"] {
        let folder = published.join(format!("example_{case}_outputs"));
        let mut arguments = match case {
            "3" => {
                let Some(structure) = shared("structures/proteinmpnn/3HTN.pdb") else { return };
                format!("--pdb_path {} --pdb_path_chains \"A B\"", text(&structure))
            }
            _ => format!("--jsonl_path {}", text(&folder.join("parsed_pdbs.jsonl"))),
        };
        for (file, flag) in [
            ("assigned_pdbs.jsonl", "--chain_id_jsonl"),
            ("fixed_pdbs.jsonl", "--fixed_positions_jsonl"),
            ("tied_pdbs.jsonl", "--tied_positions_jsonl"),
            ("bias_pdbs.jsonl", "--bias_AA_jsonl"),
            ("pssm.jsonl", "--pssm_multi 0.3 --pssm_bias_flag 1 --pssm_jsonl"),
        ] {
            if folder.join(file).is_file() {
                arguments += &format!(" {flag} {}", text(&folder.join(file)));
            }
        }
        let temperature = if case == "6" { "0.2" } else { "0.1" };
        let out = output.path().join(case);
        arguments += &format!(" --out_folder {} --num_seq_per_target 2 --seed 37", text(&out));
        arguments += &format!(" --sampling_temp {temperature} --batch_size 1");
        if case == "2" {
            if fastmpnn::weights::Checkpoint::find("ca_proteinmpnn_v_48_020").is_err() {
                println!("skipped: the CA-only network is not on this machine");
                continue;
            }
            arguments += " --ca_only";
        }
        compat("../protein_mpnn_run.py", &arguments);
        for entry in fs::read_dir(folder.join("seqs")).unwrap() {
            let path = entry.unwrap().path();
            let expected = without_commit(&fs::read_to_string(&path).unwrap());
            let found = fs::read_to_string(out.join("seqs").join(path.file_name().unwrap())).unwrap();
            compared += 1;
            if found == expected {
                equal += 1;
            } else {
                differing.push(format!("{}:\n{found}instead of\n{expected}", path.display()));
            }
        }
    }
    println!("{equal} of {compared} published files are equal");
    assert!(compared >= 15, "only {compared} files");
    // One score may be rounded the other way: the fourth decimal is all that may differ.
    assert!(equal + 1 >= compared, "{}", differing.join("\n"));
}

/// Equal, but for printed numbers: a sum in another order may round the fourth decimal the other way.
fn assert_same_designs(found: &str, expected: &str, case: &str) {
    assert_eq!(found.lines().count(), expected.lines().count(), "{case}");
    for (found, expected) in found.lines().zip(expected.lines()) {
        let (words, numbers): (Vec<&str>, Vec<&str>) = (found.split(", ").collect(), expected.split(", ").collect());
        assert_eq!(words.len(), numbers.len(), "{case}: {found}");
        for (word, expected) in words.into_iter().zip(numbers) {
            let number = |word: &str| word.split_once("score=").and_then(|(_, value)| value.parse::<f64>().ok());
            match (number(word), number(expected)) {
                (Some(one), Some(other)) => assert!((one - other).abs() < 1.5e-4, "{case}: {word} for {expected}"),
                _ => assert_eq!(word, expected, "{case}"),
            }
        }
    }
}

/// What the published code writes today: `reference/make_compat_goldens.py`.
#[test]
fn committed_designs_are_drawn_letter_by_letter() {
    let goldens = root().join("tests/golden/compat");
    let output = tempfile::tempdir().unwrap();
    let cases = fs::read_to_string(goldens.join("cases.txt")).unwrap();
    let mut compared = 0;
    for line in cases.lines().filter(|line| !line.is_empty()) {
        let (name, arguments) = line.split_once(": ").unwrap();
        let arguments =
            arguments.replace("EXAMPLES", &text(&root().join("examples"))).replace("GOLDENS", &text(&goldens));
        let out = output.path().join(name);
        compat("protein_mpnn_run.py", &format!("{arguments} --out_folder {}", text(&out)));
        for entry in fs::read_dir(goldens.join(name)).unwrap() {
            let path = entry.unwrap().path();
            let found = fs::read_to_string(out.join("seqs").join(path.file_name().unwrap())).unwrap();
            assert_same_designs(&found, &fs::read_to_string(&path).unwrap(), name);
            compared += 1;
        }
    }
    assert!(compared >= 8, "only {compared} files");
}

/// The helper scripts' dictionaries, as the authors published them.
#[test]
fn published_dictionaries_are_written_byte_for_byte() {
    let Some(published) = shared("published") else { return };
    let folder = tempfile::tempdir().unwrap();
    let made = folder.path().join("made.jsonl");
    let same = |script: &str, example: &str, file: &str, arguments: &str| {
        let parsed = published.join(example).join("parsed_pdbs.jsonl");
        let input = if script == "make_bias_AA.py" { String::new() } else { format!("--input_path={}", text(&parsed)) };
        compat(script, &format!("{input} --output_path={} {arguments}", text(&made)));
        let expected = fs::read_to_string(published.join(example).join(file)).unwrap();
        assert!(fs::read_to_string(&made).unwrap() == expected, "{script}: {example}/{file}");
    };
    let (four, only) = ("example_4_outputs", "example_4_non_fixed_outputs");
    same("assign_fixed_chains.py", four, "assigned_pdbs.jsonl", "--chain_list \"A C\"");
    same("assign_fixed_chains.py", "example_2_outputs", "assigned_pdbs.jsonl", "--chain_list \"A B\"");
    let positions = "\"1 2 3 4 5 6 7 8 23 25, 10 11 12 13 14 15 16 17 18 19 20 40\"";
    let fixed = "make_fixed_positions_dict.py";
    same(fixed, four, "fixed_pdbs.jsonl", &format!("--chain_list \"A C\" --position_list {positions}"));
    let designed = "--chain_list \"A C\" --position_list \"1 2 3 4 5 6 7 8 9 10, 3 4 5 6 7 8\" --specify_non_fixed";
    same(fixed, only, "fixed_pdbs.jsonl", designed);
    let tied = "make_tied_positions_dict.py";
    let pairs = "--chain_list \"A C\" --position_list \"1 2 3 4 5 6 7 8, 1 2 3 4 5 6 7 8\"";
    same(tied, "example_5_outputs", "tied_pdbs.jsonl", pairs);
    same(tied, "example_6_outputs", "tied_pdbs.jsonl", "--homooligomer 1");
    let bias =
        "--AA_list \"D E H K N Q R S T W Y\" --bias_list \"1.39 1.39 1.39 1.39 1.39 1.39 1.39 1.39 1.39 1.39 1.39\"";
    same("make_bias_AA.py", "example_8_outputs", "bias_pdbs.jsonl", bias);
}

#[test]
fn column_21_is_no_part_of_a_chain_or_a_name_for_the_published_scripts() {
    let folder = tempfile::tempdir().unwrap();
    let lines_of = |letter: char| {
        let inputs = folder.path().join(format!("of_{}", u32::from(letter)));
        fs::create_dir(&inputs).unwrap();
        let line = |line: &str| match line.get(..20) {
            Some(start) if line.starts_with("ATOM") => format!("{start}{letter}{}\n", &line[21..]),
            _ => format!("{line}\n"),
        };
        let given = fs::read_to_string(example("4GYT.pdb")).unwrap();
        fs::write(inputs.join("4GYT.pdb"), given.lines().map(line).collect::<String>()).unwrap();
        let parsed = inputs.join("parsed.jsonl");
        compat("parse_multiple_chains.py", &format!("--input_path {} --output_path {}", text(&inputs), text(&parsed)));
        fs::read_to_string(parsed).unwrap()
    };
    let expected = lines_of(' ');
    assert!(expected.contains("\"num_of_chains\": 2"), "{expected}");
    for letter in ['A', 'N', 'E'] {
        assert_eq!(lines_of(letter), expected, "{letter}");
    }
}

#[test]
fn parsed_structures_read_back_as_the_files_they_came_from() {
    let folder = tempfile::tempdir().unwrap();
    let inputs = folder.path().join("pdbs");
    fs::create_dir(&inputs).unwrap();
    for name in ["6MRR.pdb", "4GYT.pdb"] {
        fs::copy(example(name), inputs.join(name)).unwrap();
    }
    let parsed = folder.path().join("parsed.jsonl");
    compat("parse_multiple_chains.py", &format!("--input_path {} --output_path {}", text(&inputs), text(&parsed)));
    let lines = fs::read_to_string(&parsed).unwrap();
    let names: Vec<bool> = lines.lines().map(|line| line.starts_with("{\"seq_chain_A\": \"")).collect();
    assert_eq!(names, [true, true]);
    assert!(lines.contains("\"name\": \"4GYT\", \"num_of_chains\": 2, \"seq\": \""), "4GYT is named");
    // A file's designs are those of its line.
    let (one, other) = (folder.path().join("one"), folder.path().join("other"));
    let line = lines.lines().find(|line| line.contains("\"name\": \"6MRR\"")).unwrap();
    fs::write(&parsed, line).unwrap();
    compat("protein_mpnn_run.py", &format!("--jsonl_path {} --seed 5 --out_folder {}", text(&parsed), text(&one)));
    compat("protein_mpnn_run.py", &format!("--pdb-path {} --seed=5 --out-f {}", example("6MRR.pdb"), text(&other)));
    let read = |folder: &Path| fs::read_to_string(folder.join("seqs/6MRR.fa")).unwrap();
    assert_eq!(read(&one), read(&other));
}

#[test]
fn wrong_arguments_are_refused_as_argparse_refuses_them() {
    let usage = "\
usage: assign_fixed_chains.py [-h] [--input_path INPUT_PATH]
                              [--output_path OUTPUT_PATH]
                              [--chain_list CHAIN_LIST]
";
    for (arguments, message) in [
        (&["--foo", "1"][..], "unrecognized arguments: --foo 1"),
        (&["--chain_list"], "argument --chain_list: expected one argument"),
    ] {
        let error = script("scripts/assign_fixed_chains.py", arguments).failure(2);
        assert_eq!(error.trim_end(), format!("{usage}assign_fixed_chains.py: error: {message}"));
    }
    let error = script("protein_mpnn_run.py", &["--seed", "many"]).failure(2);
    assert!(error.ends_with("protein_mpnn_run.py: error: argument --seed: invalid int value: 'many'\n"), "{error}");
    let error = script("nothing.py", &[]).failure(2);
    assert!(error.contains("no script nothing.py; the known names are protein_mpnn_run.py, "), "{error}");
    let help = script("protein_mpnn_run.py", &["--help"]).success();
    assert!(help.starts_with("usage: protein_mpnn_run.py [-h] [--suppress_print SUPPRESS_PRINT]"), "{help}");
}

#[test]
fn what_cannot_be_done_is_said_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let out = text(folder.path());
    let structure = example("6MRR.pdb");
    let dictionary = folder.path().join("dictionary.jsonl");
    let run = |extra: &[&str]| {
        let base = ["--pdb_path", &structure, "--out_folder", &out, "--seed", "1"];
        script("protein_mpnn_run.py", &[&base[..], extra].concat())
    };
    let path = text(&dictionary);
    for (content, arguments, message) in [
        ("{}", &["--pdb_path_chains", "B"][..], "there is no chain B; its chains are A"),
        ("{\"x\": {}}", &["--fixed_positions_jsonl", &path], "--fixed_positions_jsonl: it has no entry for 6MRR"),
        ("{\"6MRR\": {\"A\": [99]}}", &["--fixed_positions_jsonl", &path], "position 99 is past the 68 residues"),
        ("{'6MRR'}", &["--bias_AA_jsonl", &path], "line 1: column 2: a key in double quotes is expected"),
        ("{\"6MRR\": [{\"A\": [1, 2]}, {\"A\": [2, 3]}]}", &["--tied_positions_jsonl", &path], "tied more than once"),
        ("{}", &["--batch_size", "0"], "--batch_size 0 is not a batch size"),
        ("{}", &["--omit_AAs", "ACDEFGHIKLMNPQRSTVWYX", "--sampling_temp", "0"], "no letter can be drawn"),
        ("{}", &["--model_name", "v_48_999"], "is called v_48_999"),
    ] {
        fs::write(&dictionary, content).unwrap();
        let error = run(arguments).failure(2);
        assert!(error.contains(message), "{error}");
    }
    // A path that is not a file is ignored, as in the published script, but with a warning.
    let ignored = run(&["--fixed_positions_jsonl", "{\"6MRR\": {\"A\": [1]}}"]);
    assert_eq!(ignored.status, 0);
    assert!(ignored.err.contains("is not a file; it is ignored"), "{}", ignored.err);
    assert!(ignored.out.contains("fixed_positions_jsonl is NOT loaded"), "{}", ignored.out);
}
