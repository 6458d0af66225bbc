package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http/httptest"
	"net/url"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"example.com/restorejobs/examples/internal/harness"
)

// bucket is a bucket of an S3-compatible service.
type bucket struct {
	*minio.Core

	name     string
	partSize int64
	close    func()
}

// openBucket opens a bucket of a service, or one in memory without an endpoint.
func openBucket(endpoint, name string, partSize int64) (*bucket, error) {
	b := &bucket{
		name:     name,
		partSize: partSize,
		close:    func() {},
	}
	keys := credentials.NewEnvAWS()
	if endpoint == "" {
		memory := s3mem.New()
		if err := memory.CreateBucket(name); err != nil {
			return nil, err
		}
		server := httptest.NewServer(gofakes3.New(memory).Server())
		b.close = server.Close
		endpoint = server.URL
		keys = credentials.NewStaticV4("fake", "fake", "")
	}
	address, err := url.Parse(endpoint)
	if err != nil || address.Host == "" {
		return nil, harness.Usage("-endpoint must be a URL")
	}
	b.Core, err = minio.NewCore(address.Host, &minio.Options{
		Creds:        keys,
		Secure:       address.Scheme == "https",
		BucketLookup: minio.BucketLookupPath,
	})
	return b, err
}

// load reads a JSON object into a value, which is unchanged if there is none.
func (b *bucket) load(ctx context.Context, key string, value any) error {
	object, _, _, err := b.GetObject(ctx, b.name, key, minio.GetObjectOptions{})
	if isMissing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	defer object.Close()
	return json.NewDecoder(object).Decode(value)
}

// save writes a value as a JSON object, atomically.
func (b *bucket) save(ctx context.Context, key string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	_, err = b.PutObject(ctx, b.name, key, bytes.NewReader(text), int64(len(text)), "", "", minio.PutObjectOptions{ContentType: "application/json"})
	return err
}

// isMissing reports an object or an upload that does not exist.
func isMissing(err error) bool {
	code := minio.ToErrorResponse(err).Code
	return code == minio.NoSuchKey || code == minio.NoSuchUpload
}
