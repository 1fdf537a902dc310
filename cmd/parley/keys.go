package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"parley.example/internal/node"
	"parley.example/internal/vault"
	"parley.example/wire/fault"
	"parley.example/wire/octet"
	"parley.example/wire/party"
	"parley.example/wire/rule"
	"parley.example/wire/suite"
)

// Folders and files of a node folder.
const (
	rootFolder     = "root"     // root and archive keys: to be taken off the machine
	officersFolder = "officers" // people's keys made here: to be given to them
	publicName     = "public.keys"
	rootName       = "root.key"
	nextRootName   = "next-root.key"
	archiveName    = "archive.key"
)

// makeRoot draws the founding root, the root that may follow it and the
// archive key, seals them under a passphrase of their own, and keeps the
// public halves in the node folder.
func makeRoot(dir string, secret vault.Secret) (party.ID, error) {
	folder := filepath.Join(dir, rootFolder)
	v, err := vault.Create(folder, secret)
	if err != nil {
		return party.ID{}, err
	}
	root, next, archive := suite.NewSigningKey(), suite.NewSigningKey(), suite.NewSealingKey()
	archiveBytes, err := archive.Bytes()
	if err != nil {
		return party.ID{}, err
	}
	rootSeed, nextSeed := root.Seed(), next.Seed()
	for name, content := range map[string][]byte{rootName: rootSeed[:], nextRootName: nextSeed[:], archiveName: archiveBytes} {
		if err := writeFile(filepath.Join(folder, name), v.Seal(name, content), 0o600); err != nil {
			return party.ID{}, err
		}
	}
	var w octet.Writer
	public, hash, sealing := root.Public(), next.Public().Hash(), archive.Public()
	w.Fixed(public.Ed25519[:])
	w.Fixed(public.MLDSA44[:])
	w.Fixed(hash[:])
	w.Fixed(sealing[:])
	return party.ID(public.Hash()), writeFile(filepath.Join(dir, publicName), w.Bytes, 0o644)
}

// readPublic reads the public halves.
func readPublic(dir string) (p public, err error) {
	raw, err := os.ReadFile(filepath.Join(dir, publicName))
	if err != nil {
		return p, fault.Wrap(err, rule.NodeNoFolder, "folder", dir)
	}
	r := octet.NewReader(raw)
	copy(p.root.Ed25519[:], r.Fixed(party.Ed25519Size))
	copy(p.root.MLDSA44[:], r.Fixed(party.MLDSA44Size))
	p.nextRoot = r.Hash()
	copy(p.archive[:], r.Fixed(party.SealKeySize))
	return p, r.Done()
}

// rootKeys is the opened folder of the root: keys are read as they are needed.
type rootKeys struct {
	folder string
	vault  *vault.Vault
}

// openRoot unlocks the folder of the root key, wherever that is now.
func openRoot(folder string, secret vault.Secret) (*rootKeys, error) {
	v, err := vault.Open(folder, secret)
	return &rootKeys{folder, v}, err
}

func (k *rootKeys) read(name string) ([]byte, error) {
	path := filepath.Join(k.folder, name)
	sealed, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.Wrap(err, rule.NodeFile, "file", path)
	}
	plain, err := k.vault.Open(name, sealed)
	if err != nil {
		return nil, fault.Wrap(err, rule.VaultDamaged, "file", path)
	}
	return plain, nil
}

// root is the key that signs cards and new generations.
func (k *rootKeys) root() (*suite.SigningKey, error) {
	seed, err := k.read(rootName)
	if err != nil {
		return nil, err
	}
	if len(seed) != 64 {
		return nil, fault.New(rule.VaultDamaged, "file", filepath.Join(k.folder, rootName))
	}
	return suite.SigningKeyFrom([64]byte(seed)), nil
}

// archive is the key that opens what was sealed to ourselves.
func (k *rootKeys) archive() (suite.SealingKey, error) {
	raw, err := k.read(archiveName)
	if err != nil {
		return suite.SealingKey{}, err
	}
	return suite.DecodeSealingKey(raw)
}

const officerBlock = "PRIVATE KEY"

// makeOfficerKey draws a key into a file of its own: a person's, or a relay's.
func makeOfficerKey(path string) (ed25519.PublicKey, error) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); err == nil {
		return nil, fault.New(rule.NodeExists, "what", path)
	}
	return public, writeFile(path, pem.EncodeToMemory(&pem.Block{Type: officerBlock, Bytes: der}), 0o600)
}

// readOfficerKey reads a person's key.
func readOfficerKey(path string) (node.FileSigning, error) {
	private, err := readKeyFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return node.FileSigning{}, fault.New(rule.NodeNoOfficer, "officer", path)
	}
	if err != nil {
		return node.FileSigning{}, err
	}
	return node.FileSigning{Key: private.Public().(ed25519.PublicKey),
		Message: func(message []byte) []byte { return ed25519.Sign(private, message) }}, nil
}

// readKeyFile reads a key. A file that others can read is refused: what it
// signs would prove nothing about whose it is.
func readKeyFile(path string) (ed25519.PrivateKey, error) {
	info, err := os.Stat(path)
	if err == nil && info.Mode().Perm()&0o077 != 0 {
		return nil, fault.New(rule.NodeFile, "file", path, "mode", info.Mode().Perm().String())
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.Wrap(err, rule.NodeFile, "file", path)
	}
	block, _ := pem.Decode(raw)
	if block == nil || block.Type != officerBlock {
		return nil, fault.New(rule.NodeFile, "file", path)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	private, ok := key.(ed25519.PrivateKey)
	if err != nil || !ok {
		return nil, fault.New(rule.NodeFile, "file", path)
	}
	return private, nil
}

// officerKey finds a person's key: a path, or the name of one made here.
func (sh *shell) officerKey(name string) (node.FileSigning, error) {
	path := filepath.Join(sh.dir, officersFolder, name+".key")
	if _, err := os.Stat(path); err != nil {
		path = name
	}
	return readOfficerKey(path)
}

// writeFile writes and syncs a file that was not there.
func writeFile(path string, content []byte, mode os.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fault.Wrap(err, rule.NodeFile, "file", path)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return fault.Wrap(err, rule.NodeFile, "file", path)
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fault.Wrap(err, rule.NodeFile, "file", path)
	}
	return nil
}

// officerNames lists the people whose keys were made in a folder.
func officerNames(dir string) (names []string) {
	files, _ := filepath.Glob(filepath.Join(dir, officersFolder, "*.key"))
	for _, f := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(f), ".key"))
	}
	return names
}
