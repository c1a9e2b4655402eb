import streamlit as st


def show() -> None:
    st.title("Build")
    st.write("This page is being written.")
