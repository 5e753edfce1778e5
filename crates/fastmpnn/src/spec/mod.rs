//! What to design: selections, fixed and tied residues, biases, temperatures, seeds.
