//! The number of threads that a run starts.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::program::{command, example, finish};

/// The threads of a run, by its settings.
fn threads(wrapper: &[&str], slurm: Option<&str>, more: &[&str]) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap().to_owned();
    let design = command(&[&["design", &example("6MRR.pdb"), "-o", &out, "-q"], more].concat());
    let mut run = match wrapper {
        [] => design,
        [program, arguments @ ..] => {
            let mut run = Command::new(program);
            run.args(arguments).arg(design.get_program()).args(design.get_args());
            run
        }
    };
    run.env_remove("SLURM_CPUS_PER_TASK").env_remove("FASTMPNN_ISA");
    run.envs(slurm.map(|count| ("SLURM_CPUS_PER_TASK", count)));
    finish(run).success();
    let settings = fs::read_to_string(folder.path().join("settings.json")).unwrap();
    serde_json::from_str::<Value>(&settings).unwrap()["threads"].as_u64().unwrap()
}

#[test]
fn no_more_threads_than_slurm_gave() {
    let all = threads(&[], None, &[]);
    assert_eq!(all, std::thread::available_parallelism().unwrap().get() as u64);
    assert_eq!(threads(&[], Some("1"), &[]), 1);
    // Nor more than the processors.
    assert_eq!(threads(&[], Some("4096"), &[]), all);
    for nothing in ["", "0", "many"] {
        assert_eq!(threads(&[], Some(nothing), &[]), all, "{nothing}");
    }
    // A requested number is used.
    assert_eq!(threads(&[], Some("1"), &["--threads", "3"]), 3);
}

#[cfg(target_os = "linux")]
#[test]
fn no_more_threads_than_processors_of_the_affinity() {
    if Command::new("taskset").arg("--version").output().is_err() {
        println!("taskset is absent: skipped");
        return;
    }
    let first = fs::read_to_string("/proc/self/status").unwrap();
    let first = first.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).unwrap().trim().to_owned();
    let first = first.split([',', '-']).next().unwrap().to_owned();
    assert_eq!(threads(&["taskset", "-c", &first], None, &[]), 1);
    assert_eq!(threads(&["taskset", "-c", &first], Some("8"), &[]), 1);
}
