package restorejobstest

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha1" //nolint:gosec // the hash that the service provides
	"encoding/binary"
	"encoding/hex"
	"hash/fnv"
	"io"
	"sync"
)

// An archive is the content of a download. A large one is computed while it is read, so that
// its size costs no memory.
type archive struct {
	size    int64
	seed    uint64
	content []byte

	once sync.Once
	sum  string
}

// newArchive returns the same bytes for the same name and size. A negative size selects a
// small, valid .tar.gz.
func newArchive(name string, size int64) *archive {
	if size < 0 {
		content := tarball(name)
		return &archive{size: int64(len(content)), content: content}
	}
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(name))
	return &archive{size: size, seed: hash.Sum64()}
}

func tarball(name string) []byte {
	var buf bytes.Buffer
	zipped := gzip.NewWriter(&buf)
	files := tar.NewWriter(zipped)
	content := []byte("The data files of " + name + " would be here.\n")
	_ = files.WriteHeader(&tar.Header{
		Name: "restore/README",
		Mode: 0o600,
		Size: int64(len(content)),
	})
	_, _ = files.Write(content)
	_ = files.Close()
	_ = zipped.Close()
	return buf.Bytes()
}

// ReadAt implements [io.ReaderAt].
func (a *archive) ReadAt(p []byte, offset int64) (int, error) {
	if a.content != nil {
		return bytes.NewReader(a.content).ReadAt(p, offset)
	}
	n := int(min(int64(len(p)), max(a.size-offset, 0)))
	a.fill(p[:n], uint64(offset)) //nolint:gosec // never negative
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// fill writes the bytes that start at offset. Each word of eight bytes depends only on its offset.
func (a *archive) fill(p []byte, offset uint64) {
	var word [8]byte
	for len(p) > 0 {
		at := offset % 8
		if at == 0 && len(p) >= 8 {
			binary.LittleEndian.PutUint64(p, splitmix64(a.seed+offset/8))
			p = p[8:]
			offset += 8
			continue
		}
		binary.LittleEndian.PutUint64(word[:], splitmix64(a.seed+offset/8))
		n := copy(p, word[at:])
		p = p[n:]
		offset += uint64(n) //nolint:gosec // at most 8
	}
}

// splitmix64 is the output function of SplitMix64.
func splitmix64(z uint64) uint64 {
	z *= 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// sha1 returns the hash in hexadecimal. It is computed once.
func (a *archive) sha1() string {
	a.once.Do(func() {
		hash := sha1.New() //nolint:gosec // see the import
		_, _ = io.Copy(hash, io.NewSectionReader(a, 0, a.size))
		a.sum = hex.EncodeToString(hash.Sum(nil))
	})
	return a.sum
}
