// Command check holds our notes, tiles and proofs against golang.org/x/mod/sumdb, which shares no
// code and no author with us. It reads a JSON document on standard input, fails with a sentence when
// Go disagrees, and answers with what Go makes of the same leaves, for the other direction.
//
// It is built without a network from Debian's packages golang-go and golang-golang-x-mod-dev:
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go run check.go < document.json
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight = 8

// document is what Python made.
type document struct {
	LogKey     string            // name+id+base64, type 0x01
	LogPrivate string            // PRIVATE+KEY+name+id+base64
	WitnessKey string            // name+id+base64, type 0x04
	Entries    [][]byte          // the leaves' entries
	Trees      []tree            // one for each size
	Growths    []growth          // between those sizes
	Tiles      map[string][]byte // by our path, of the largest tree, full and partial
}

type tree struct {
	Checkpoint []byte // signed by the log, cosigned by the witness
	Time       uint64 // of the cosignature
	Inclusion  []inclusion
}

type inclusion struct {
	Index int64
	Proof [][]byte
}

type growth struct {
	Old, New int64
	Proof    [][]byte
	Tiles    []string // the full tiles it completes
}

// answer is what Go makes of the same leaves.
type answer struct {
	Checks   int
	Note     []byte // the largest checkpoint's text, signed by Go
	Foreign  []byte // the same, signed by a key that Go made
	NewKey   string // that key
	Includes []inclusion
	Grows    []growth
}

var checks int

func main() {
	var given document
	if err := json.NewDecoder(os.Stdin).Decode(&given); err != nil {
		fail("the document cannot be read: %v", err)
	}
	stored := storedHashes(given.Entries)
	log := must(note.NewVerifier(given.LogKey))
	witness := must(newCosigner(given.WitnessKey))

	var largest string
	trees := map[int64]tlog.Tree{}
	for _, tree := range given.Trees {
		text, at := opened(tree, log, witness)
		largest = text
		root := must(tlog.TreeHash(at.N, stored))
		expect(root == at.Hash, "size %d: Go has root %v, Python %v", at.N, root, at.Hash)
		trees[at.N] = at
		for _, leaf := range tree.Inclusion {
			hash := tlog.RecordHash(given.Entries[leaf.Index])
			err := tlog.CheckRecord(hashes(leaf.Proof), at.N, at.Hash, leaf.Index, hash)
			expect(err == nil, "leaf %d in size %d: %v", leaf.Index, at.N, err)
		}
	}
	for _, growth := range given.Growths {
		old, grown := trees[growth.Old], trees[growth.New]
		err := tlog.CheckTree(hashes(growth.Proof), grown.N, grown.Hash, old.N, old.Hash)
		expect(err == nil, "growth from %d to %d: %v", growth.Old, growth.New, err)
		full := fullTiles(growth.Old, growth.New)
		expect(fmt.Sprint(full) == fmt.Sprint(growth.Tiles),
			"growth from %d to %d: Go completes %v, Python %v", growth.Old, growth.New, full, growth.Tiles)
	}
	checkTiles(given, trees, stored)

	private := must(note.NewSigner(given.LogPrivate))
	secret, public, err := note.GenerateKey(rand.Reader, "go.example/log")
	expect(err == nil, "Go makes no key: %v", err)
	reply := answer{
		NewKey:  public,
		Note:    must(note.Sign(&note.Note{Text: largest}, private)),
		Foreign: must(note.Sign(&note.Note{Text: largest}, must(note.NewSigner(secret)))),
	}
	for _, growth := range given.Growths {
		growth.Proof = bytesOf(must(tlog.ProveTree(growth.New, growth.Old, stored)))
		reply.Grows = append(reply.Grows, growth)
	}
	size := int64(len(given.Entries))
	for _, index := range []int64{0, 1, size / 3, size / 2, size - 1} {
		proof := bytesOf(must(tlog.ProveRecord(size, index, stored)))
		reply.Includes = append(reply.Includes, inclusion{index, proof})
	}
	reply.Checks = checks
	if err := json.NewEncoder(os.Stdout).Encode(reply); err != nil {
		fail("%v", err)
	}
}

// opened reads a checkpoint as a client written in Go would, and checks who signed it.
func opened(tree tree, log, witness note.Verifier) (string, tlog.Tree) {
	found, err := note.Open(tree.Checkpoint, note.VerifierList(log, witness))
	expect(err == nil, "Go opens no note: %v\n%s", err, tree.Checkpoint)
	expect(len(found.Sigs) == 2 && len(found.UnverifiedSigs) == 1, "Go verifies %v only", found.Sigs)
	cosigned := must(base64.StdEncoding.DecodeString(found.Sigs[1].Base64))
	time := binary.BigEndian.Uint64(cosigned[4:12])
	expect(time == tree.Time, "the cosignature is of %d, not of %d", time, tree.Time)
	lines := strings.Split(found.Text, "\n")
	expect(len(lines) == 4 && lines[0] == log.Name(), "no checkpoint: %q", found.Text)
	at := tlog.Tree{N: must(strconv.ParseInt(lines[1], 10, 64))}
	copy(at.Hash[:], must(base64.StdEncoding.DecodeString(lines[2])))

	changed := bytes.Replace(tree.Checkpoint, []byte("\n"+lines[1]+"\n"), []byte("\n"+lines[1]+"0\n"), 1)
	_, err = note.Open(changed, note.VerifierList(log, witness))
	expect(err != nil, "Go opens a changed note")
	return found.Text, at
}

// checkTiles compares each tile with Go's, and proves every tenth leaf from our tiles alone.
func checkTiles(given document, trees map[int64]tlog.Tree, stored tlog.HashReader) {
	size := int64(len(given.Entries))
	for path, data := range given.Tiles {
		tile := must(tlog.ParseTilePath(strings.Replace(path, "tile/", "tile/8/", 1)))
		expected := must(tlog.ReadTileData(tile, stored))
		expect(bytes.Equal(data, expected), "%s has other bytes", path)
	}
	fromTiles := tlog.TileHashReader(trees[size], &tileReader{given.Tiles})
	for index := int64(0); index < size; index += 1 + size/10 {
		proof, err := tlog.ProveRecord(size, index, fromTiles)
		expect(err == nil, "our tiles prove no leaf %d: %v", index, err)
		hash := tlog.RecordHash(given.Entries[index])
		err = tlog.CheckRecord(proof, size, trees[size].Hash, index, hash)
		expect(err == nil, "our tiles prove another leaf %d: %v", index, err)
	}
}

type tileReader struct{ tiles map[string][]byte }

func (r *tileReader) Height() int { return tileHeight }

func (r *tileReader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range tiles {
		data, ok := r.tiles[ourPath(tile)]
		if !ok {
			return nil, fmt.Errorf("there is no %s", ourPath(tile))
		}
		found = append(found, data)
	}
	return found, nil
}

func (r *tileReader) SaveTiles([]tlog.Tile, [][]byte) {}

// ourPath is the path of C2SP tlog-tiles, which has no tile height in it.
func ourPath(tile tlog.Tile) string {
	return strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
}

func fullTiles(old, grown int64) []string {
	found := []string{}
	for _, tile := range tlog.NewTiles(tileHeight, old, grown) {
		if tile.W == 1<<tileHeight {
			found = append(found, ourPath(tile))
		}
	}
	sort.Strings(found)
	return found
}

func storedHashes(entries [][]byte) tlog.HashReader {
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		found := make([]tlog.Hash, len(indexes))
		for at, index := range indexes {
			if index >= int64(len(stored)) {
				return nil, errors.New("a hash beyond the tree")
			}
			found[at] = stored[index]
		}
		return found, nil
	})
	for index, entry := range entries {
		stored = append(stored, must(tlog.StoredHashes(int64(index), entry, reader))...)
	}
	return reader
}

// cosigner verifies signatures of type 0x04, which x/mod does not know (C2SP tlog-cosignature).
type cosigner struct {
	name   string
	id     uint32
	public ed25519.PublicKey
}

func newCosigner(text string) (note.Verifier, error) {
	parts := strings.SplitN(text, "+", 3)
	material := must(base64.StdEncoding.DecodeString(parts[2]))
	id := sha256.Sum256(append([]byte(parts[0]+"\n"), material...))
	if material[0] != 4 || fmt.Sprintf("%x", id[:4]) != parts[1] {
		return nil, errors.New("the witness has another key")
	}
	return &cosigner{parts[0], binary.BigEndian.Uint32(id[:4]), material[1:]}, nil
}

func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.id }

func (c *cosigner) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	time := binary.BigEndian.Uint64(signature)
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, text)
	return ed25519.Verify(c.public, []byte(signed), signature[8:])
}

func hashes(proof [][]byte) []tlog.Hash {
	found := make([]tlog.Hash, len(proof))
	for at, hash := range proof {
		expect(len(hash) == tlog.HashSize, "a hash of %d bytes", len(hash))
		copy(found[at][:], hash)
	}
	return found
}

func bytesOf(proof []tlog.Hash) [][]byte {
	found := [][]byte{}
	for _, hash := range proof {
		found = append(found, append([]byte(nil), hash[:]...))
	}
	return found
}

func must[T any](value T, err error) T {
	if err != nil {
		fail("%v", err)
	}
	return value
}

func expect(holds bool, sentence string, values ...any) {
	checks++
	if !holds {
		fail(sentence, values...)
	}
}

func fail(sentence string, values ...any) {
	fmt.Fprintf(os.Stderr, sentence+"\n", values...)
	os.Exit(1)
}
