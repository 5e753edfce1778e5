//! Rounding to 16-bit formats against a search among all numbers that the format has.

use fastmpnn_kernels::{round_to_bf16, round_to_f16};

/// The value of a positive f16.
fn f16_value(bits: u16) -> f64 {
    let (exponent, mantissa) = (i32::from(bits >> 10), f64::from(bits & 0x3ff));
    match exponent {
        0 => mantissa * 2f64.powi(-24),
        31 => f64::INFINITY,
        _ => (1024.0 + mantissa) * 2f64.powi(exponent - 25),
    }
}

fn bf16_value(bits: u16) -> f64 {
    f64::from(f32::from_bits(u32::from(bits) << 16))
}

/// Around each number of the format and each middle between two: the number, the middle, and an f32 step to both sides.
fn check(name: &str, round: fn(&mut [f32]), value: fn(u16) -> f64, infinite: u16) {
    let round_one = |number: f32| {
        let mut numbers = [number, -number];
        round(&mut numbers);
        assert_eq!(numbers[0].to_bits() ^ 1 << 31, numbers[1].to_bits(), "{name}: ±{number:e}");
        f64::from(numbers[0])
    };
    for bits in 0..infinite {
        let (low, high) = (value(bits), value(bits + 1));
        assert_eq!(round_one(low as f32), low, "{name}: {low:e} is a number of the format");
        // Beyond the last number the middle is where the next would be, had the format one.
        let next = if bits + 1 == infinite { 2.0 * low - value(bits - 1) } else { high };
        let middle = ((low + next) / 2.0) as f32;
        let even = if bits % 2 == 0 { low } else { high };
        assert_eq!(round_one(middle), even, "{name}: {middle:e} between {low:e} and {high:e}");
        assert_eq!(round_one(middle.next_down()), low, "{name}: below {middle:e}");
        assert_eq!(round_one(middle.next_up()), high, "{name}: above {middle:e}");
    }
    assert_eq!(round_one(f32::INFINITY), f64::INFINITY);
    assert_eq!(round_one(f32::MAX), f64::INFINITY);
    let mut none = [f32::NAN, -f32::NAN, f32::from_bits(0x7f80_0001)];
    round(&mut none);
    assert!(none.iter().all(|number| number.is_nan()), "{name}: NaN");
}

#[test]
fn f16_is_the_nearest_even() {
    check("f16", round_to_f16, f16_value, 0x7c00);
}

#[test]
fn bf16_is_the_nearest_even() {
    check("bf16", round_to_bf16, bf16_value, 0x7f80);
}
