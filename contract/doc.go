// Package contract holds the requests of the library and the answers of its test server
// against the vendor's OpenAPI document, and the library against recorded answers of the
// service. It has tests only.
package contract
