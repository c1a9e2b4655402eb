import streamlit as st


def show() -> None:
    st.title("Train")
    st.write("This page is being written.")
