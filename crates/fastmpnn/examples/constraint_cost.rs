//! What goals for whole sequences cost: designs that are tilted towards them, designs in which letters are only masked, and
//! plain designs that meet them by chance.
//!
//! `constraint_cost STRUCTURE COUNT [--homo-oligomer] GOAL…`, with goals such as `charge=-5..0`, `count=W>=1` and
//! `no_motif=N[^P][ST]`; a table on standard output. The temperature is 0.1, or that of `TEMPERATURE`.

use std::error::Error;
use std::time::Instant;

use fastmpnn::chemistry::{Letter, net_charge};
use fastmpnn::spec::{DesignPlan, DesignSpec};
use fastmpnn::structure::{ReadOptions, Structure, read_path};
use fastmpnn::{Design, Designer, Engine, EngineOptions};

/// Designs, and the seconds that they took.
struct Drawn {
    designs: Vec<Design>,
    seconds: f64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let usage = "constraint_cost STRUCTURE COUNT [--homo-oligomer] GOAL…";
    let structure = read_path(arguments.next().ok_or(usage)?.as_ref(), &ReadOptions::default())?;
    let count: u64 = arguments.next().ok_or(usage)?.parse()?;
    let temperature = std::env::var("TEMPERATURE").map_or(Ok(0.1), |text| text.parse())?;
    let (mut plain, mut goals) = (DesignSpec::default(), Vec::new());
    for argument in arguments {
        if argument == "--homo-oligomer" {
            plain.homo_oligomer = true;
        } else {
            goals.push(argument);
        }
    }
    let mut spec = plain.clone();
    for goal in &goals {
        match goal.split_once('=').ok_or(usage)? {
            ("charge", text) => spec.charge.push(text.to_owned()),
            ("count", text) => spec.count.push(text.to_owned()),
            ("no_motif", text) => spec.no_motif.push(text.to_owned()),
            _ => return Err(usage.into()),
        }
    }
    let engine = Engine::embedded(&EngineOptions::default())?;
    let encoding = engine.encode(&structure)?;
    let (plan, constrained) = (plain.resolve(&structure)?, spec.resolve(&structure)?);
    let designer = engine.designer(&encoding, &structure, &constrained)?;
    let free = draw(&engine.designer(&encoding, &structure, &plan)?, count, temperature)?;
    let by_chance = Drawn {
        designs: free.designs.iter().filter(|design| meets(&spec, &structure, &design.sequence)).cloned().collect(),
        seconds: free.seconds,
    };
    let masked = draw(&designer.clone().without_tilt(), count, temperature)?;
    let tilted = draw(&designer, count, temperature)?;
    println!("{} {}, {count} designs at T={temperature}", structure.name, goals.join(" "));
    println!("{:<28} {:>9} {:>8} {:>8} {:>8} {:>9}", "", "met", "charge", "score", "cost", "seconds");
    for (name, drawn) in
        [("plain", &free), ("plain, rejected if not met", &by_chance), ("masked only", &masked), ("tilted", &tilted)]
    {
        row(name, drawn, &spec, &structure, &plan);
    }
    Ok(())
}

fn draw(designer: &Designer, count: u64, temperature: f32) -> Result<Drawn, Box<dyn Error>> {
    // What all samples share is computed before.
    designer.sample(0..4, temperature)?;
    let started = Instant::now();
    let designs = designer.sample(0..count, temperature)?;
    Ok(Drawn { designs, seconds: started.elapsed().as_secs_f64() })
}

fn row(name: &str, drawn: &Drawn, spec: &DesignSpec, structure: &Structure, plan: &DesignPlan) {
    let Drawn { designs, seconds } = drawn;
    let mean = |of: &dyn Fn(&Design) -> f64| designs.iter().map(of).sum::<f64>() / designs.len() as f64;
    let score = |design: &Design| {
        let designed = design.negative_log_likelihood.iter().zip(&plan.designed).filter(|(_, designed)| **designed);
        designed.map(|(one, _)| f64::from(*one)).sum::<f64>() / plan.designed_count() as f64
    };
    let met = designs.iter().filter(|design| meets(spec, structure, &design.sequence)).count();
    println!(
        "{name:<28} {:>9} {:>8.1} {:>8.4} {:>8.2} {seconds:>9.2}",
        format!("{met}/{}", designs.len()),
        mean(&|design| f64::from(net_charge(&design.sequence))),
        mean(&score),
        mean(&|design| design.constraint_cost.unwrap_or(0.0)),
    );
}

/// Whether a sequence meets all goals: with every residue fixed, the specification is resolved only then.
fn meets(spec: &DesignSpec, structure: &Structure, sequence: &[Letter]) -> bool {
    let mut fixed = structure.clone();
    fixed.residues.iter_mut().zip(sequence).for_each(|(residue, letter)| residue.letter = *letter);
    // One residue of each chain stays open, with its own letter as the only choice: chains without any are not searched.
    let letters = |letter: Letter| Letter::all().take(20).filter(move |other| *other != letter);
    let firsts = fixed.chains.iter().map(|chain| &fixed.residues[chain.residues.start]);
    let (redesign, omit_at) = firsts
        .map(|first| {
            let omitted: String = letters(first.letter).map(Letter::to_char).collect();
            (first.id.to_string(), format!("{}:{omitted}", first.id))
        })
        .unzip();
    let spec = DesignSpec { redesign, omit_at, homo_oligomer: false, ..spec.clone() };
    spec.resolve(&fixed).is_ok()
}
