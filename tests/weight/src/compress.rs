//! The two compressions that every browser in use reads, as strong as they get: done once, when the page is built.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use brotli::enc::BrotliEncoderParams;

/// What is worth compressing. Pictures and fonts are compressed already.
const KINDS: [&str; 8] = ["html", "js", "css", "wasm", "json", "ftl", "toml", "md"];
/// Below this, the head of an answer is longer than what is saved.
const BYTES_MIN: usize = 256;

/// Compresses as `gzip -9` does.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    // Magic number, deflate, no flags, no time, best compression, unknown system.
    let mut file = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255];
    file.extend(miniz_oxide::deflate::compress_to_vec(bytes, 9));
    file.extend(crc32(bytes).to_le_bytes());
    // The format counts the bytes modulo 2^32.
    file.extend((bytes.len() as u32).to_le_bytes());
    file
}

/// Compresses as `brotli -q 11 -w 24` does.
///
/// # Errors
/// When the memory for it cannot be had.
pub fn brotli(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut file = Vec::new();
    let params = BrotliEncoderParams { quality: 11, lgwin: 24, size_hint: bytes.len(), ..Default::default() };
    brotli::BrotliCompress(&mut &*bytes, &mut file, &params)?;
    Ok(file)
}

/// Writes `.gz` and `.br` beside every file of a built page that is worth it, and gives how many there are. What an earlier
/// build left is written anew. Fluent files lose their comments first: they are for who writes the texts.
///
/// # Errors
/// When a file cannot be read or written; with its path.
pub fn write_beside(dist: &Path) -> io::Result<usize> {
    let mut count = 0;
    for path in files(dist)? {
        let mut bytes = fs::read(&path).map_err(|error| about(&path, &error))?;
        if path.extension().is_some_and(|ending| ending == "ftl") {
            bytes = without_comments(&bytes);
            fs::write(&path, &bytes).map_err(|error| about(&path, &error))?;
        }
        if bytes.len() < BYTES_MIN {
            continue;
        }
        for (ending, compressed) in [("gz", gzip(&bytes)), ("br", brotli(&bytes)?)] {
            let mut name = path.clone().into_os_string();
            name.push(format!(".{ending}"));
            fs::write(&name, compressed).map_err(|error| about(Path::new(&name), &error))?;
        }
        count += 1;
    }
    Ok(count)
}

/// A Fluent file without its comments, which begin at the beginning of a line.
fn without_comments(file: &[u8]) -> Vec<u8> {
    let lines = file.split_inclusive(|byte| *byte == b'\n');
    lines.filter(|line| !line.starts_with(b"#")).flatten().copied().collect()
}

/// The files in a folder and below that are worth compressing.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(|error| about(&folder, &error))? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().and_then(|ending| ending.to_str()).is_some_and(|ending| KINDS.contains(&ending))
            {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn about(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// The checksum of gzip's trailer.
fn crc32(bytes: &[u8]) -> u32 {
    let table: Vec<u32> = (0..256)
        .map(|byte| (0..8).fold(byte, |crc: u32, _| if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 }))
        .collect();
    !bytes.iter().fold(!0, |crc: u32, byte| table[((crc ^ u32::from(*byte)) & 0xff) as usize] ^ (crc >> 8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_compressed_is_read_again() {
        let text = "a record, its offset, its batch; ".repeat(200);
        let gz = gzip(text.as_bytes());
        let body = &gz[10..gz.len() - 8];
        assert_eq!(miniz_oxide::inflate::decompress_to_vec(body).expect("it is deflate"), text.as_bytes());
        assert_eq!(&gz[gz.len() - 4..], (text.len() as u32).to_le_bytes());
        let mut read = Vec::new();
        let br = brotli(text.as_bytes()).expect("it compresses");
        brotli::BrotliDecompress(&mut &*br, &mut read).expect("it is brotli");
        assert_eq!(read, text.as_bytes());
    }

    #[test]
    fn only_comments_are_left_out_of_texts() {
        let file =
            "# About a step\n\nstep-a = A record\n    # of { $number }\n## Others\nstep-b =\n    Two\n\n    lines\n";
        let left = "\nstep-a = A record\n    # of { $number }\nstep-b =\n    Two\n\n    lines\n";
        assert_eq!(without_comments(file.as_bytes()), left.as_bytes());
    }

    #[test]
    fn the_checksum_is_that_of_the_format() {
        // The check value that the catalogues of checksums give for CRC-32.
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }
}
