// Small tokenizers of every kind that JointFusion reads, and what the reference implementation makes of some texts with them.
// Vocabularies are learned here, from this repository's README and CLDR's annotations: no published one of CLIP or SigLIP is to be had by npm.
//   (cd tests/JointFusion.Tests/Data/Tokenizers/Reference && npm ci --ignore-scripts)
//   node tools/tokenizers/export.mjs
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";

const root = path.join(import.meta.dirname, "../..");
const tests = path.join(root, "tests/JointFusion.Tests/Data/Tokenizers");
const require = createRequire(path.join(tests, "Reference/package.json"));
const { Tokenizer } = require("@huggingface/tokenizers");
const packages = path.join(tests, "Reference/node_modules");

const names = (locale) => Object.entries(
  JSON.parse(fs.readFileSync(path.join(packages, `cldr-annotations-full/annotations/${locale}/annotations.json`), "utf8")).annotations.annotations)
  .map(([character, { tts, default: words }]) => `${character} ${tts?.[0] ?? ""}: ${(words ?? []).join(", ")}`);
const locales = ["en", "de", "el", "ru", "hi", "ja", "vi", "ar"];
const corpus = [...fs.readFileSync(path.join(root, "README.md"), "utf8").split("\n"), ...locales.flatMap((locale) => names(locale).filter((_, i) => i % 9 === 0))];

const bytes = [...Array(256).keys()];
const printable = (b) => (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || (b >= 174);
let next = 256;
const alphabet = bytes.map((b) => String.fromCharCode(printable(b) ? b : next++));
const spell = (text) => Array.from(new TextEncoder().encode(text), (b) => alphabet[b]).join("");

/** Words to symbols; the commonest pair is merged, ties by spelling, `count` times. */
function learn(words, count, suffix) {
  const counted = new Map();
  for (const word of words) counted.set(word, (counted.get(word) ?? 0) + 1);
  const entries = [...counted].map(([word, times]) => [Array.from(word).map((c, i, all) => (i === all.length - 1 ? c + suffix : c)), times]);
  const merges = [];
  while (merges.length < count) {
    const pairs = new Map();
    for (const [symbols, times] of entries)
      for (let i = 1; i < symbols.length; i++) {
        const key = `${symbols[i - 1]} ${symbols[i]}`;
        pairs.set(key, (pairs.get(key) ?? 0) + times);
      }
    const [best] = [...pairs].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))[0];
    const [left, right] = best.split(" ");
    merges.push([left, right]);
    for (const entry of entries) {
      const merged = [];
      for (const symbol of entry[0])
        if (merged.at(-1) === left && symbol === right) merged[merged.length - 1] = left + right;
        else merged.push(symbol);
      entry[0] = merged;
    }
  }
  return merges;
}

const index = (tokens) => Object.fromEntries([...new Set(tokens)].map((token, id) => [token, id]));
const added = (id, content, more = {}) => ({ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true, ...more });
const file = (parts) => ({ version: "1.0", truncation: null, padding: null, added_tokens: [], normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null, ...parts });

function clip() {
  const pattern = "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";
  const words = corpus.flatMap((line) => line.normalize("NFC").toLowerCase().match(new RegExp(pattern, "gu")) ?? []).map(spell);
  const merges = learn(words, 300, "</w>");
  const vocab = index([...alphabet, ...alphabet.map((c) => `${c}</w>`), ...merges.map(([a, b]) => a + b), "<|startoftext|>", "<|endoftext|>"]);
  const [begin, end] = [vocab["<|startoftext|>"], vocab["<|endoftext|>"]];
  return file({
    added_tokens: [added(begin, "<|startoftext|>", { normalized: true }), added(end, "<|endoftext|>")],
    normalizer: { type: "Sequence", normalizers: [{ type: "NFC" }, { type: "Replace", pattern: { Regex: "\\s+" }, content: " " }, { type: "Lowercase" }] },
    pre_tokenizer: { type: "Sequence", pretokenizers: [{ type: "Split", pattern: { Regex: pattern }, behavior: "Removed", invert: true }, { type: "ByteLevel", add_prefix_space: false, trim_offsets: true }] },
    post_processor: { type: "RobertaProcessing", sep: ["<|endoftext|>", end], cls: ["<|startoftext|>", begin], trim_offsets: false, add_prefix_space: false },
    model: { type: "BPE", dropout: null, unk_token: "<|endoftext|>", continuing_subword_prefix: "", end_of_word_suffix: "</w>", fuse_unk: false, vocab, merges: merges.map((pair) => pair.join(" ")) },
  });
}

function llama() {
  const words = corpus.flatMap((line) => line.split(" ")).filter((word) => word).map((word) => `\u2581${word}`);
  const merges = learn(words, 300, "");
  const hex = bytes.map((b) => `<0x${b.toString(16).toUpperCase().padStart(2, "0")}>`);
  const letters = [...new Set(words.join(""))].filter((c) => c.codePointAt(0) < 0x500).sort();
  const vocab = index(["<unk>", "<s>", "</s>", ...hex, "\u2581", ...letters, ...merges.map(([a, b]) => a + b)]);
  const known = new Set(Object.keys(vocab));
  return file({
    added_tokens: [added(0, "<unk>"), added(1, "<s>"), added(2, "</s>"), added(Object.keys(vocab).length, "<image>", { rstrip: true }), added(Object.keys(vocab).length + 1, "[mark]", { lstrip: true, special: false })],
    normalizer: { type: "Sequence", normalizers: [{ type: "Prepend", prepend: "\u2581" }, { type: "Replace", pattern: { String: " " }, content: "\u2581" }] },
    post_processor: { type: "TemplateProcessing", single: [{ SpecialToken: { id: "<s>", type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } }], pair: [{ Sequence: { id: "A", type_id: 0 } }, { Sequence: { id: "B", type_id: 0 } }], special_tokens: { "<s>": { id: "<s>", ids: [1], tokens: ["<s>"] } } },
    model: { type: "BPE", dropout: null, unk_token: "<unk>", continuing_subword_prefix: null, end_of_word_suffix: null, fuse_unk: true, byte_fallback: true, vocab, merges: merges.filter(([a, b]) => known.has(a) && known.has(b)) },
  });
}

function unigram() {
  const counts = new Map();
  for (const line of corpus)
    for (const word of line.toLowerCase().split(/\s+/)) {
      const letters = Array.from(`\u2581${word}`);
      for (let start = 0; start < letters.length; start++)
        for (let length = 1; length <= 6 && start + length <= letters.length; length++) {
          const piece = letters.slice(start, start + length).join("");
          counts.set(piece, (counts.get(piece) ?? 0) + 1);
        }
    }
  const best = [...counts].map(([piece, times]) => [piece, times * Array.from(piece).length]).sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).slice(0, 700);
  const total = best.reduce((sum, [, weight]) => sum + weight, 0);
  const vocab = [["<pad>", 0], ["</s>", 0], ["<unk>", 0], ...best.map(([piece, weight]) => [piece, Math.log(weight / total)])];
  return file({
    added_tokens: [added(0, "<pad>"), added(1, "</s>"), added(2, "<unk>")],
    normalizer: { type: "Sequence", normalizers: [{ type: "Lowercase" }, { type: "Replace", pattern: { Regex: "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~]" }, content: "" }, { type: "Replace", pattern: { Regex: "\\s+" }, content: " " }, { type: "Strip", strip_left: true, strip_right: true }] },
    pre_tokenizer: { type: "Sequence", pretokenizers: [{ type: "WhitespaceSplit" }, { type: "Metaspace", replacement: "\u2581", prepend_scheme: "always", split: true }] },
    post_processor: { type: "TemplateProcessing", single: [{ Sequence: { id: "A", type_id: 0 } }, { SpecialToken: { id: "</s>", type_id: 0 } }], pair: [], special_tokens: { "</s>": { id: "</s>", ids: [1], tokens: ["</s>"] } } },
    model: { type: "Unigram", unk_id: 2, vocab, byte_fallback: false },
  });
}

// Left out is what JavaScript does its own way, unlike the library that models are trained with: the lower case of a sigma that ends a word, and
// U+FEFF, which is white space to it.
const texts = [
  "", " ", "a photo of a cat", "  Two\t spaces \r\n and  lines\n", "Don't they've we'll I'm it's", "NAÏVE café cafe\u0301 \u212B \u1E9B\u0323 \uAC01 \u1100\u1161\u11A8", "İstanbul IĞDIR",
  "123 4567 ½ ² Ⅷ ٣٤", "漢字かな交じり文、ひらがな。", "안녕하세요 세계", "Привет, мир!", "ΑΘΗΝΑ ελληνικα", "नमस्ते दुनिया", "สวัสดีชาวโลก", "مرحبا بالعالم", "Tiếng Việt Tie\u0302\u0301ng Vie\u0323\u0302t",
  "🎉 👩🏽‍🚀 🏳️‍🌈 ❤️", "𝐀𝐛𝟗 𐐀𐐨 𠀀𠀁 x𠀀y", "if (x != null) { return x->y[0] * 2; } // C++", "a_b-c.d@e#f$g%h^i&j*k(l)m", "\u00A0\u3000\u2028\u0085xy\u200Bz",
  "<|endoftext|> middle <|startoftext|>end", "<image>  a picture <image>\n\nand [mark]text   [mark]", "</s><s> <unk> <pad>", "▁ already ▁▁marked", "\u0378\u0379 \u{E0100} \u{10FFFD}",
  ...locales.flatMap((locale) => names(locale).filter((_, i) => i % 120 === 7)),
].filter((text) => !/Σ(?!\p{L})/u.test(text));

const made = { clip: clip(), llama: llama(), unigram: unigram() };
const goldens = { texts };
for (const [name, json] of Object.entries(made)) {
  fs.writeFileSync(path.join(tests, `Small/${name}.tokenizer.json`), JSON.stringify(json));
  const tokenizer = new Tokenizer(json, {});
  goldens[name] = texts.map((text) => tokenizer.encode(text).ids);
}
fs.writeFileSync(path.join(tests, "Small/goldens.json"), JSON.stringify(goldens));
