package download

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"

	"example.com/restorejobs/internal/hashcopy"
)

// maxVerifiedFirst is how much of a part is hashed before its link is requested.
const maxVerifiedFirst = 4 << 20

// errDamaged is a beginning that is not what its sidecar describes.
var errDamaged = errors.New("the part is not what its sidecar describes")

// beginning is what an earlier call has left, and what is hashed while the rest is fetched.
type beginning struct {
	content io.ReaderAt
	size    int64
	sum     []byte // by its sidecar
}

// verifyLater reports whether the rest of the file is requested before the beginning is verified. A
// damaged beginning then takes one request more, so the link must permit any number. The rest must
// begin where the beginning ends.
func (t *transfer) verifyLater(content io.ReaderAt, sidecar *Sidecar) bool {
	isCounted := t.file.SingleUse || t.file.ExtraRequests >= 0
	hasRest := sidecar.Bytes < sidecar.Size && sidecar.ifRange() != ""
	sum, err := hex.DecodeString(sidecar.SHA1)
	isLarge := sidecar.Bytes > maxVerifiedFirst
	if isCounted || !hasRest || !isLarge || sidecar.rangeFollows() || err != nil {
		return false
	}
	t.beginning = &beginning{
		content: content,
		size:    sidecar.Bytes,
		sum:     sum,
	}
	t.bytes = sidecar.Bytes
	t.validators = sidecar.Validators
	t.progress.resume(t.bytes, t.validators.Size)
	return true
}

// verifyBeginning hashes the beginning, if that is still to be verified.
func (t *transfer) verifyBeginning(ctx context.Context) error {
	b := t.beginning
	if b == nil {
		return nil
	}
	t.hash.Reset() // an earlier attempt may have been cancelled
	content := &ctxReader{ctx, io.NewSectionReader(b.content, 0, b.size)}
	if _, err, _ := t.copier.Copy(hashcopy.Copy{Src: content, Hash: t.hash}); err != nil {
		return err
	}
	if !bytes.Equal(b.sum, t.hash.Sum(nil)) {
		return errDamaged
	}
	t.beginning = nil
	return nil
}

// sum is the checksum of the bytes, by the sidecar if they are still to be verified.
func (t *transfer) sum() []byte {
	if t.beginning != nil {
		return t.beginning.sum
	}
	return t.hash.Sum(nil)
}
