// Chooses the words that people say to each other over the telephone, and
// writes them to ../words.txt: number, English, Chinese, pinyin. It is run by
// hand; words_test.go checks what stands there, and does not need this.
//
//   npm install --ignore-scripts && npm run make
//
// English: of the list of BIP-39, which are everyday words, those of two or
// three syllables, as the CMU dictionary pronounces them, so that any two
// differ in at least `apart` sounds; avoid.txt is left out. Chinese: of candidates.txt, everyday
// words of two characters that we chose, those that people use most first
// (counts of jieba's dictionary), read by pinyin-pro, so that any two differ in
// at least two of initial, final, initial, final, where what many do not keep
// apart counts as one.
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { dictionary } from 'cmu-pronouncing-dictionary'
import { pinyin } from 'pinyin-pro'

const size = 256
const apart = 3
const require = createRequire(import.meta.url)
const beside = (name, path) => readFileSync(join(dirname(require.resolve(name + '/package.json')), path), 'utf8')
const here = (path) => readFileSync(new URL(path, import.meta.url), 'utf8')

const loose = { zh: 'z', ch: 'c', sh: 's', n: 'l', h: 'f', r: 'l' }

// code gives initial and final of a syllable as people hear them.
function code(syllable) {
  const [, initial, final] = /^(zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw]?)(.+)$/.exec(syllable)
  return [loose[initial] ?? initial, final.replace(/ng$/, 'n')]
}

function chinese() {
  const counts = new Map()
  for (const line of beside('nodejieba', 'submodules/cppjieba/dict/jieba.dict.utf8').split('\n')) {
    const [word, count] = line.split(' ')
    counts.set(word, Number(count))
  }
  const words = [...new Set(here('candidates.txt').split(/\s+/).filter(Boolean))].filter((w) => counts.has(w))
  words.sort((a, b) => counts.get(b) - counts.get(a) || (a < b ? -1 : 1))
  const chosen = []
  for (const word of words) {
    const plain = pinyin(word, { toneType: 'none', type: 'array', v: true })
    const key = plain.flatMap(code)
    const turned = [...key.slice(2), ...key.slice(0, 2)]
    const far = (a, b) => a.filter((x, i) => x !== b[i]).length >= 2
    if (chosen.every((c) => far(c.key, key) && far(c.key, turned))) {
      chosen.push({ word, key, plain: plain.join(' '), toned: pinyin(word) })
    }
  }
  return chosen
}

function distance(a, b) {
  let row = [...b.keys(), b.length]
  for (const [i, x] of a.entries()) {
    const next = [i + 1]
    for (const [j, y] of b.entries()) next.push(Math.min(row[j + 1] + 1, next[j] + 1, row[j] + (x === y ? 0 : 1)))
    row = next
  }
  return row[b.length]
}

function english() {
  const avoid = new Set(here('avoid.txt').split(/\s+/))
  const words = JSON.parse(beside('bip39', 'src/wordlists/english.json')).filter((w) => !avoid.has(w))
  words.sort((a, b) => a.length - b.length || (a < b ? -1 : 1))
  const chosen = []
  for (const word of words) {
    const said = dictionary[word]?.replace(/\d/g, '').split(' ')
    const syllables = dictionary[word]?.match(/\d/g)?.length
    if (said && (syllables === 2 || syllables === 3) && chosen.every((c) => distance(c.said, said) >= apart)) chosen.push({ word, said })
  }
  return chosen
}

const zh = chinese()
const en = english()
console.log(zh.length, en.length)
if (zh.length < size || en.length < size) throw new Error(`too few: ${zh.length} Chinese, ${en.length} English`)
const sorted = en.slice(0, size).sort((a, b) => (a.word < b.word ? -1 : 1))
writeFileSync(new URL('../words.txt', import.meta.url), sorted.map((e, i) => [i, e.word, zh[i].word, zh[i].toned, zh[i].plain].join('\t') + '\n').join(''))
