package main

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/base64"
	"errors"
	"io"
	"strings"

	"github.com/minio/minio-go/v7"

	"example.com/restorejobs"
	"example.com/restorejobs/durable"
)

// upload is how far the upload of a file is. It is stored in the bucket after each part.
type upload struct {
	ID    string                      // of the multipart upload
	Parts []minio.CompletePart        // that the bucket has
	State restorejobs.DownloadState   // of the download behind them, with its checksum
	File  *restorejobs.DownloadedFile // once all parts are uploaded and the file is verified
}

// deliver returns the delivery of a plan: an object for each file of the jobs.
func (b *bucket) deliver(jobs *restorejobs.Jobs) func(context.Context, durable.State) ([]restorejobs.DownloadedFile, error) {
	return func(ctx context.Context, state durable.State) ([]restorejobs.DownloadedFile, error) {
		folder := state.Choice.Time.UTC().Format("2006-01-02T1504Z/")
		for _, id := range state.FailedJobIDs {
			if err := b.discard(ctx, folder+id); err != nil {
				return nil, err
			}
		}
		var files []restorejobs.DownloadedFile
		for _, id := range state.JobIDs {
			job, err := jobs.Get(ctx, id)
			if err != nil {
				return nil, err
			}
			for _, replicaSet := range replicaSets(job) {
				key := folder + strings.TrimSuffix(id+"-"+replicaSet, "-") + ".tar.gz"
				file, err := b.store(ctx, jobs, id, replicaSet, key)
				if err != nil {
					return nil, err
				}
				file.Path = key
				files = append(files, file)
			}
		}
		return files, nil
	}
}

// replicaSets are the files of a job: those of a sharded Atlas cluster have names, any other job has one.
func replicaSets(job *restorejobs.Job) []string {
	names := []string{""}
	if len(job.Components) > 0 {
		names = nil
	}
	for _, component := range job.Components {
		names = append(names, component.ReplicaSetName)
	}
	return names
}

// store uploads a file, from where an earlier process has ended.
func (b *bucket) store(ctx context.Context, jobs *restorejobs.Jobs, id, replicaSet, key string) (restorejobs.DownloadedFile, error) {
	var up upload
	if err := b.load(ctx, key+".json", &up); err != nil {
		return restorejobs.DownloadedFile{}, err
	}
	if up.File == nil {
		opts := restorejobs.DownloadOptions{ReplicaSet: replicaSet, State: &up.State}
		if err := b.stream(ctx, jobs, id, opts, key, &up); err != nil {
			return restorejobs.DownloadedFile{}, err
		}
	}
	_, err := b.CompleteMultipartUpload(ctx, b.name, key, up.ID, up.Parts, minio.PutObjectOptions{})
	if isMissing(err) { // an earlier process has completed it
		_, err = b.StatObject(ctx, b.name, key, minio.StatObjectOptions{})
	}
	return *up.File, err
}

// stream uploads the parts that are missing.
func (b *bucket) stream(ctx context.Context, jobs *restorejobs.Jobs, id string, opts restorejobs.DownloadOptions, key string, up *upload) error {
	reader, err := jobs.Open(ctx, id, opts)
	if errors.Is(err, restorejobs.ErrNotResumable) { // the file has changed: the next call begins again
		return errors.Join(err, b.save(ctx, key+".json", upload{}))
	}
	if err != nil {
		return err
	}
	defer func() { _ = reader.Close() }() // it was only read
	if up.ID == "" {
		if up.ID, err = b.NewMultipartUpload(ctx, b.name, key, minio.PutObjectOptions{}); err != nil {
			return err
		}
	}
	for up.File == nil {
		var part bytes.Buffer
		_, readErr := io.CopyN(&part, reader, b.partSize)
		isEnd := errors.Is(readErr, io.EOF) // after the verification
		if readErr != nil && !isEnd {
			return readErr
		}
		if part.Len() > 0 {
			if err := b.putPart(ctx, key, up, part.Bytes()); err != nil {
				return err
			}
		}
		up.State = reader.State()
		if isEnd {
			file := reader.File()
			up.File = &file
		}
		if err := b.save(ctx, key+".json", up); err != nil {
			return err
		}
	}
	return nil
}

// putPart uploads the next part. The service verifies its MD5, which also works without TLS.
func (b *bucket) putPart(ctx context.Context, key string, up *upload, part []byte) error {
	sum := md5.Sum(part)
	number := len(up.Parts) + 1
	uploaded, err := b.PutObjectPart(ctx, b.name, key, up.ID, number, bytes.NewReader(part), int64(len(part)), minio.PutObjectPartOptions{
		Md5Base64:            base64.StdEncoding.EncodeToString(sum[:]),
		DisableContentSha256: true,
	})
	if err == nil {
		up.Parts = append(up.Parts, minio.CompletePart{PartNumber: number, ETag: uploaded.ETag})
	}
	return err
}

// discard removes what an attempt has stored that was given up.
func (b *bucket) discard(ctx context.Context, prefix string) error {
	for object := range b.Client.ListObjects(ctx, b.name, minio.ListObjectsOptions{Prefix: prefix, Recursive: true}) {
		if object.Err != nil {
			return object.Err
		}
		if err := b.RemoveObject(ctx, b.name, object.Key, minio.RemoveObjectOptions{}); err != nil {
			return err
		}
	}
	return nil
}
