package bench

import (
	"crypto/ed25519"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"parley.example/internal/carrier/https"
)

// errFloor is what the floor says of anything that is not as it sent it.
var errFloor = errors.New("the floor's own exchange failed")

// journal is a file that is appended to; those who append at the same time
// share a sync.
type journal struct {
	mu      sync.Mutex
	settled *sync.Cond
	file    *os.File
	written uint64
	durable uint64
	busy    bool
	err     error
}

func newJournal(dir string) (*journal, error) {
	f, err := os.OpenFile(filepath.Join(dir, "journal"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	j := &journal{file: f}
	j.settled = sync.NewCond(&j.mu)
	return j, err
}

// append returns when the bytes are durable.
func (j *journal) append(b []byte) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if _, err := j.file.Write(b); err != nil {
		return err
	}
	j.written++
	mine := j.written
	for j.durable < mine && j.err == nil {
		if j.busy {
			j.settled.Wait()
			continue
		}
		j.busy = true
		upto := j.written
		j.mu.Unlock()
		err := j.file.Sync()
		j.mu.Lock()
		j.busy, j.durable, j.err = false, upto, err
		j.settled.Broadcast()
	}
	return j.err
}

// Floor is one end of the naive exchange. A frame there is a signature and the
// sealed bytes; a frame back is a signature over their hash.
type Floor struct {
	journal *journal
	sign    ed25519.PrivateKey
	seal    hpke.PrivateKey
	cert    tls.Certificate
	conns   []*tls.Conn

	mu      sync.Mutex
	arrived []int64 // when what came was opened
	durable []int64 // when what was said was synced
}

// NewFloor draws its keys and opens its file.
func NewFloor(dir string) (*Floor, error) {
	j, err := newJournal(dir)
	if err != nil {
		return nil, err
	}
	f := &Floor{journal: j}
	if _, f.sign, err = ed25519.GenerateKey(rand.Reader); err != nil {
		return nil, err
	}
	if f.seal, err = hpke.MLKEM768X25519().GenerateKey(); err != nil {
		return nil, err
	}
	key, err := https.NewKey()
	if err != nil {
		return nil, err
	}
	f.cert, _, err = https.Certificate(key)
	return f, err
}

// Do answers asks: keys, listen, write.
func (f *Floor) Do(a Ask) (Answer, error) {
	switch a.Do {
	case "keys":
		return Answer{Keys: [][]byte{f.sign.Public().(ed25519.PublicKey), f.seal.PublicKey().Bytes()}}, nil
	case "listen":
		l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{f.cert}})
		if err != nil {
			return Answer{}, err
		}
		go f.accept(l, a.Keys[0])
		return Answer{Address: l.Addr().String()}, nil
	case "write":
		f.durable = nil
		answer, err := f.write(a)
		answer.Stamps = f.durable
		return answer, err
	case "arrived":
		f.mu.Lock()
		defer f.mu.Unlock()
		stamps := f.arrived
		f.arrived = nil
		return Answer{Stamps: stamps}, nil
	}
	return Answer{}, nil
}

func (f *Floor) accept(l net.Listener, peer ed25519.PublicKey) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			for f.read(c, peer) == nil {
			}
		}()
	}
}

// maxArrived bounds how many instants are noted.
const maxArrived = 1024

// maxFrame bounds what is read at once.
const maxFrame = 64 << 10

func readFrame(c io.Reader) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(c, head[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(head[:])
	if n < ed25519.SignatureSize || n > maxFrame {
		return nil, errFloor
	}
	b := make([]byte, n)
	_, err := io.ReadFull(c, b)
	return b, err
}

func frame(signature, content []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(signature)+len(content)))
	return append(append(b, signature...), content...)
}

// read is the reader's half: check, sync, open, signed receipt back.
func (f *Floor) read(c net.Conn, peer ed25519.PublicKey) error {
	b, err := readFrame(c)
	if err != nil {
		return err
	}
	signature, sealed := b[:ed25519.SignatureSize], b[ed25519.SignatureSize:]
	if !ed25519.Verify(peer, sealed, signature) {
		return errFloor
	}
	if err := f.journal.append(b); err != nil {
		return err
	}
	if _, err := hpke.Open(f.seal, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte("floor"), sealed); err != nil {
		return err
	}
	f.mu.Lock()
	if len(f.arrived) < maxArrived {
		f.arrived = append(f.arrived, time.Now().UnixMicro())
	}
	f.mu.Unlock()
	hash := sha256.Sum256(sealed)
	_, err = c.Write(frame(ed25519.Sign(f.sign, hash[:]), hash[:]))
	return err
}

// write is the writer's half, by as many as are asked for at once, each with a
// warm connection of its own.
func (f *Floor) write(a Ask) (Answer, error) {
	reader, err := hpke.MLKEM768X25519().NewPublicKey(a.Keys[1])
	if err != nil {
		return Answer{}, err
	}
	for len(f.conns) < a.At {
		c, err := tls.Dial("tcp", a.Address, &tls.Config{MinVersion: tls.VersionTLS13, InsecureSkipVerify: true}) // the receipt's signature is what is checked
		if err != nil {
			return Answer{}, err
		}
		f.conns = append(f.conns, c)
	}
	return run(a, func(worker int) (whole, sent time.Duration, err error) {
		message := make([]byte, ActBytes)
		rand.Read(message)
		began := time.Now()
		sealed, err := hpke.Seal(reader, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte("floor"), message)
		if err != nil {
			return 0, 0, err
		}
		b := frame(ed25519.Sign(f.sign, sealed), sealed)
		if err := f.journal.append(b); err != nil {
			return 0, 0, err
		}
		durable := time.Now()
		f.mu.Lock()
		if len(f.durable) < maxArrived {
			f.durable = append(f.durable, durable.UnixMicro())
		}
		f.mu.Unlock()
		if _, err := f.conns[worker].Write(b); err != nil {
			return 0, 0, err
		}
		receipt, err := readFrame(f.conns[worker])
		if err != nil {
			return 0, 0, err
		}
		if hash := sha256.Sum256(sealed); !ed25519.Verify(a.Keys[0], hash[:], receipt[:ed25519.SignatureSize]) {
			return 0, 0, errFloor
		}
		err = f.journal.append(receipt)
		return time.Since(began), time.Since(durable), err
	})
}

// run has so many workers repeat an exchange until the time is over or all is
// said.
func run(a Ask, one func(worker int) (whole, sent time.Duration, err error)) (Answer, error) {
	var mu sync.Mutex
	var first error
	answer, left := Answer{}, a.Acts
	began := time.Now()
	next := func() bool {
		mu.Lock()
		defer mu.Unlock()
		if first != nil || a.Acts > 0 && left == 0 || a.Millis > 0 && time.Since(began) >= time.Duration(a.Millis)*time.Millisecond {
			return false
		}
		left--
		return true
	}
	var all sync.WaitGroup
	for worker := range max(1, a.At) {
		all.Go(func() {
			for next() {
				whole, sent, err := one(worker)
				mu.Lock()
				if errors.Is(err, errSpent) {
					left, a.Acts = 0, max(1, a.Acts)
				} else if err != nil {
					first = err
				} else {
					answer.Whole, answer.Sent = append(answer.Whole, whole.Microseconds()), append(answer.Sent, sent.Microseconds())
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	answer.Acts, answer.Micros = len(answer.Whole), time.Since(began).Microseconds()
	return answer, first
}
